#include "cli/text/quantity_text.h"

#include <gtest/gtest.h>

namespace godwit::cli {
namespace {

TEST(QuantityText, CountsAreGroupedByThousands) {
  EXPECT_EQ(CountText(0), "0");
  EXPECT_EQ(CountText(999), "999");
  EXPECT_EQ(CountText(1000), "1,000");
  EXPECT_EQ(CountText(1234567), "1,234,567");
  EXPECT_EQ(CountText(UINT64_MAX), "18,446,744,073,709,551,615");
}

TEST(QuantityText, BytesTakeTheUnitThatFits) {
  EXPECT_EQ(BytesText(0), "0 B");
  EXPECT_EQ(BytesText(1023), "1023 B");
  EXPECT_EQ(BytesText(1024), "1.0 KiB");
  EXPECT_EQ(BytesText(1024 * 1024 - 1), "1.0 MiB");
  EXPECT_EQ(BytesText(1.5 * 1024 * 1024 * 1024), "1.5 GiB");
}

TEST(QuantityText, TimesBecomeCoarserAsTheyGrow) {
  EXPECT_EQ(SecondsText(-1), "0.0 s");
  EXPECT_EQ(SecondsText(0.25), "0.2 s");
  EXPECT_EQ(SecondsText(9.96), "10 s");
  EXPECT_EQ(SecondsText(59.6), "1 min 00 s");
  EXPECT_EQ(SecondsText(245), "4 min 05 s");
  EXPECT_EQ(SecondsText(3 * 3600 + 125), "3 h 02 min");
  EXPECT_EQ(SecondsText(52 * 3600), "2 d 4 h");
  EXPECT_EQ(ClockText(59.9), "00:59");
  EXPECT_EQ(ClockText(3723), "1:02:03");
}

TEST(QuantityText, TimesOfDayAreInUtc) {
  EXPECT_EQ(TimeText(1700000000123), "2023-11-14T22:13:20Z");
}

}  // namespace
}  // namespace godwit::cli
