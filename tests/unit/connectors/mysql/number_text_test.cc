// Numbers of PostgreSQL that types of MariaDB and MySQL hold, or not.
#include "connectors/mysql/from_postgres/number_text.h"

#include <gtest/gtest.h>

namespace godwit::connectors::mysql {
namespace {

std::string Fitted(std::string_view text, unsigned before, unsigned after) {
  return std::string(FitDecimalText(text, before, after).value_or("no"));
}
std::string Nearest(std::string_view text, unsigned before, unsigned after) {
  return NearestDecimalText(text, before, after).value_or("no");
}

TEST(NumberTextTest, DecimalsFitByDigitsThatSaySomething) {
  EXPECT_EQ(Fitted("12.34", 2, 2), "12.34");
  EXPECT_EQ(Fitted("-0012.3400", 2, 2), "-0012.34");
  EXPECT_EQ(Fitted("12.000", 2, 0), "12");
  EXPECT_EQ(Fitted("0.5", 0, 1), "0.5");
  EXPECT_EQ(Fitted("123", 2, 2), "no");
  EXPECT_EQ(Fitted("1.005", 2, 2), "no");
  for (const std::string_view text : {"NaN", "Infinity", "-Infinity", "", "-", ".", "1e5", "1x"})
    EXPECT_EQ(Fitted(text, 30, 30), "no") << text;
}

TEST(NumberTextTest, TheNearestDecimalIsRoundedOrTheGreatest) {
  EXPECT_EQ(Nearest("1.005", 2, 2), "1.01");
  EXPECT_EQ(Nearest("-1.004", 2, 2), "-1.00");
  EXPECT_EQ(Nearest("9.99", 2, 1), "10.0");
  EXPECT_EQ(Nearest("99.99", 2, 1), "99.9");
  EXPECT_EQ(Nearest("0.7", 1, 0), "1");
  EXPECT_EQ(Nearest("0.2", 1, 0), "0");
  EXPECT_EQ(Nearest("-1000", 2, 2), "-99.99");
  EXPECT_EQ(Nearest("Infinity", 3, 0), "999");
  EXPECT_EQ(Nearest("-Infinity", 0, 2), "-0.99");
  EXPECT_EQ(Nearest("NaN", 3, 0), "no");
}

TEST(NumberTextTest, DoublesHoldWhatTheyShowAgain) {
  for (const std::string_view text : {"0.1", "-12.50", "1e+300", "123456789012345680",
                                      "0.30000000000000004", "-0", "1e23", "0.000"})
    EXPECT_TRUE(IsHeldByDouble(text)) << text;
  for (const std::string_view text : {"12345678901234567", "0.12345678901234567890", "1e400", "NaN",
                                      "9007199254740993", "abc", "1.5x", ""})
    EXPECT_FALSE(IsHeldByDouble(text)) << text;
}

TEST(NumberTextTest, DocumentsHoldIntegersOf64BitsAndDoubles) {
  EXPECT_EQ(
      HeldNumbers(R"({"a": [1, -2.5e10, 18446744073709551615], "12345678901234567.5": true})"),
      JsonNumbers::kHeld);
  EXPECT_EQ(HeldNumbers("-9223372036854775808"), JsonNumbers::kHeld);
  EXPECT_EQ(HeldNumbers(R"(["\"", 1.23456789012345678901])"), JsonNumbers::kRounded);
  EXPECT_EQ(HeldNumbers("[18446744073709551617]"), JsonNumbers::kRounded);
  EXPECT_EQ(HeldNumbers("[1e999, 1.23456789012345678901]"), JsonNumbers::kTooLarge);
}

}  // namespace
}  // namespace godwit::connectors::mysql
