#include "base/text.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace godwit::base {
namespace {

TEST(Text, ComparesAsciiLettersWithoutTheirCase) {
  EXPECT_TRUE(EqualsIgnoreCase("Order_ID", "oRDER_id"));
  EXPECT_TRUE(EqualsIgnoreCase("", ""));
  EXPECT_FALSE(EqualsIgnoreCase("a", "ab"));
  EXPECT_FALSE(EqualsIgnoreCase("ab", "a"));
  EXPECT_FALSE(EqualsIgnoreCase("@", "`"));
  EXPECT_FALSE(EqualsIgnoreCase("[", "{"));
  EXPECT_FALSE(EqualsIgnoreCase("Ü", "ü"));
}

TEST(Text, ReadsIntegersThatAreAllOfTheText) {
  EXPECT_EQ(ParseInteger<int>("-12"), -12);
  EXPECT_EQ(ParseInteger<uint8_t>("255"), 255);
  EXPECT_EQ(ParseInteger<uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(ParseInteger<int64_t>("-9223372036854775808"), INT64_MIN);
}

TEST(Text, RefusesEverythingElse) {
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "2147483648"}) {
    EXPECT_EQ(ParseInteger<int>(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseInteger<uint8_t>("256"), std::nullopt);
  EXPECT_EQ(ParseInteger<uint32_t>("-1"), std::nullopt);
}

}  // namespace
}  // namespace godwit::base
