#include "wire/postgres/copy_binary.h"

#include <gtest/gtest.h>

#include <string>

namespace godwit::wire::postgres {
namespace {

const std::string kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
const std::string kEnd("\377\377", 2);
const std::string kRow("\0\2\0\0\0\4\0\0\0\21\377\377\377\377", 14);  // 17 and NULL

TEST(CopyBinaryTest, IsToldByItsSignature) {
  EXPECT_TRUE(IsCopyBinary(kHeader));
  EXPECT_TRUE(IsCopyBinary(kHeader + kRow));
  EXPECT_FALSE(IsCopyBinary(""));
  EXPECT_FALSE(IsCopyBinary("17\t\\N\n"));
  EXPECT_FALSE(IsCopyBinary("PGCOPY\nPGCOPY\n"));  // rows of text
  EXPECT_FALSE(IsCopyBinary(kHeader.substr(0, 10)));
}

TEST(CopyBinaryTest, TellsWhichMessagesHaveARow) {
  EXPECT_TRUE(HasBinaryRow(kHeader + kRow));
  EXPECT_TRUE(HasBinaryRow(kRow));
  EXPECT_TRUE(HasBinaryRow(std::string(2, '\0'))) << "of no columns";
  EXPECT_FALSE(HasBinaryRow(kEnd));
  EXPECT_FALSE(HasBinaryRow(kHeader));
  EXPECT_FALSE(HasBinaryRow(kHeader + kEnd)) << "an empty table";
  EXPECT_FALSE(HasBinaryRow(""));
}

TEST(CopyBinaryTest, PassesOverAnExtensionOfTheHeader) {
  std::string header = kHeader;
  header.back() = 3;
  EXPECT_TRUE(HasBinaryRow(header + "ext" + kRow));
  EXPECT_FALSE(HasBinaryRow(header + "ext" + kEnd));
  EXPECT_FALSE(HasBinaryRow(header + "ex"));
}

TEST(CopyBinaryTest, TakesARowApart) {
  std::vector<std::optional<std::string_view>> values;
  for (const std::string& message : {kRow, kHeader + kRow}) {
    ASSERT_TRUE(ParseBinaryRow(message, values));
    ASSERT_EQ(values.size(), 2U);
    EXPECT_EQ(values[0], std::string_view("\0\0\0\21", 4));
    EXPECT_EQ(values[1], std::nullopt);
  }
  ASSERT_TRUE(ParseBinaryRow(std::string(2, '\0'), values));
  EXPECT_TRUE(values.empty());
}

TEST(CopyBinaryTest, ARowThatIsCutOffIsNone) {
  std::vector<std::optional<std::string_view>> values;
  for (size_t size = 0; size < kRow.size(); ++size)
    EXPECT_FALSE(ParseBinaryRow(std::string_view(kRow).substr(0, size), values)) << size;
  EXPECT_FALSE(ParseBinaryRow(kRow + "x", values));
  EXPECT_FALSE(ParseBinaryRow(kEnd, values));
  EXPECT_FALSE(ParseBinaryRow(kHeader + kEnd, values));
}

}  // namespace
}  // namespace godwit::wire::postgres
