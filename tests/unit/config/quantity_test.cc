#include "config/quantity.h"

#include <gtest/gtest.h>

#include <chrono>

namespace godwit::config {
namespace {

using std::chrono::milliseconds;

TEST(Quantity, ReadsSizes) {
  EXPECT_EQ(*ParseBytes("0"), 0u);
  EXPECT_EQ(*ParseBytes("12345"), 12345u);
  EXPECT_EQ(*ParseBytes("7B"), 7u);
  EXPECT_EQ(*ParseBytes("64KiB"), 65536u);
  EXPECT_EQ(*ParseBytes("64 MiB"), 67108864u);
  EXPECT_EQ(*ParseBytes("64MB"), 64000000u);
  EXPECT_EQ(*ParseBytes("2GiB"), 2147483648u);
  EXPECT_EQ(*ParseBytes("3kB"), 3000u);
  EXPECT_EQ(*ParseBytes("1TiB"), 1ull << 40);
  EXPECT_EQ(*ParseBytes("1TB"), 1000000000000u);
  EXPECT_EQ(*ParseBytes("18446744073709551615"), 18446744073709551615u);
}

TEST(Quantity, RefusesWhatIsNoSize) {
  for (const char* text : {"", "MiB", "-1", "+1", "1.5GiB", "1 0", "64M", "64mib", "1GiB ", " 1GiB",
                           "18446744073709551616", "16777216TiB", "0x10"}) {
    EXPECT_FALSE(ParseBytes(text).ok()) << text;
  }
}

TEST(Quantity, ReadsDurations) {
  EXPECT_EQ(*ParseDuration("0"), milliseconds(0));
  EXPECT_EQ(*ParseDuration("500ms"), milliseconds(500));
  EXPECT_EQ(*ParseDuration("30s"), milliseconds(30'000));
  EXPECT_EQ(*ParseDuration("10 min"), milliseconds(600'000));
  EXPECT_EQ(*ParseDuration("1h"), milliseconds(3'600'000));
  EXPECT_EQ(*ParseDuration("10000d"), milliseconds(864'000'000'000));
}

TEST(Quantity, RefusesWhatIsNoDuration) {
  for (const char* text : {"", "s", "10", "-1s", "1.5h", "10m", "10MIN", "10001d", "1h30min",
                           "18446744073709551615d"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(Quantity, WritesTheLargestWholeUnit) {
  EXPECT_EQ(FormatBytes(0), "0B");
  EXPECT_EQ(FormatBytes(1536), "1536B");
  EXPECT_EQ(FormatBytes(67108864), "64MiB");
  EXPECT_EQ(FormatDuration(milliseconds(0)), "0ms");
  EXPECT_EQ(FormatDuration(milliseconds(90'000)), "90s");
  EXPECT_EQ(FormatDuration(milliseconds(172'800'000)), "2d");
}

}  // namespace
}  // namespace godwit::config
