#include "server/rate_meter.h"

#include <gtest/gtest.h>

namespace godwit::server {
namespace {

TEST(RateMeter, NeedsTwoSamples) {
  RateMeter meter(10);
  EXPECT_EQ(meter.Rate(), 0);
  meter.Add(1, 100);
  EXPECT_EQ(meter.Rate(), 0);
  meter.Add(3, 300);
  EXPECT_EQ(meter.Rate(), 100);
}

TEST(RateMeter, ForgetsWhatIsOlderThanItsWindow) {
  RateMeter meter(10);
  for (int second = 0; second <= 100; ++second)
    meter.Add(second, second < 50 ? second * 1000 : 50000);
  EXPECT_EQ(meter.Rate(), 0);
}

TEST(RateMeter, SpansItsWindow) {
  RateMeter meter(10);
  for (int second = 0; second <= 100; ++second)
    meter.Add(second, second < 95 ? 0 : (second - 94) * 10);
  EXPECT_EQ(meter.Rate(), 6);
}

TEST(RateMeter, BeginsAnewWhenTheNumberFalls) {
  RateMeter meter(10);
  meter.Add(0, 1000);
  meter.Add(1, 10);
  EXPECT_EQ(meter.Rate(), 0);
  meter.Add(2, 20);
  EXPECT_EQ(meter.Rate(), 10);
}

TEST(RateMeter, TwoSamplesAtOneTimeGiveNoRate) {
  RateMeter meter(10);
  meter.Add(1, 1);
  meter.Add(1, 2);
  EXPECT_EQ(meter.Rate(), 0);
}

}  // namespace
}  // namespace godwit::server
