#include "connector/renamed_columns.h"

#include <gtest/gtest.h>

namespace godwit::connector {
namespace {

TEST(RenamedColumnsTest, AreReadAsTheyWereWritten) {
  const std::vector<std::pair<std::string, std::string>> renames = {{"a", "b c"}, {"b c", "ü"}};
  EXPECT_EQ(JoinRenames(renames), "a\nb c\nb c\nü\n");
  EXPECT_EQ(SplitRenames(JoinRenames(renames)), renames);
}

TEST(RenamedColumnsTest, NoneIsEmpty) {
  EXPECT_EQ(JoinRenames({}), "");
  EXPECT_TRUE(SplitRenames("").empty());
}

}  // namespace
}  // namespace godwit::connector
