#include "connectors/postgres/connection/bound_statement.h"

#include <gtest/gtest.h>

#include <limits>

#include "connector/task_state.h"

namespace godwit::connectors::postgres {
namespace {

TEST(BoundStatementTest, WritesValuesAsPostgresReadsThem) {
  EXPECT_EQ(ValueText("it's"), "it's");
  EXPECT_EQ(ValueText(std::string("a\nb")), "a\nb");
  EXPECT_EQ(ValueText(model::Position{"0/16B3748"}), "0/16B3748");
  EXPECT_EQ(ValueText(true), "t");
  EXPECT_EQ(ValueText(false), "f");
  EXPECT_EQ(ValueText(std::numeric_limits<int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(ValueText(size_t{7}), "7");
  EXPECT_EQ(ValueText(connector::TaskPhase::kStreaming), "4");
}

TEST(BoundStatementTest, ParametersAreInTheirOrderAndOutliveTheValues) {
  const BoundTexts texts(std::string(100, 'x'), 17, false, "");
  const auto parameters = texts.parameters();
  ASSERT_EQ(parameters.size(), 4u);
  EXPECT_EQ(parameters[0], std::string(100, 'x'));
  EXPECT_EQ(parameters[1], "17");
  EXPECT_EQ(parameters[2], "f");
  EXPECT_EQ(parameters[3], "");  // and no NULL
}

}  // namespace
}  // namespace godwit::connectors::postgres
