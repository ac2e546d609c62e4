#include "base/backoff.h"

#include <gtest/gtest.h>

#include <chrono>

namespace godwit::base {
namespace {

using Millis = Backoff::Millis;

TEST(Backoff, DoublesUpToItsMost) {
  Backoff backoff(Millis(1'000'000), Millis(100), Millis(350));
  Backoff::Clock::time_point now;
  EXPECT_EQ(backoff.Next(now), Millis(100));
  EXPECT_EQ(backoff.Next(now), Millis(200));
  EXPECT_EQ(backoff.Next(now), Millis(350));
  EXPECT_EQ(backoff.Next(now), Millis(350));
}

TEST(Backoff, GivesUpWhenItsTimeHasPassedSinceTheFirstFailure) {
  Backoff backoff(Millis(1000));
  Backoff::Clock::time_point start;
  EXPECT_TRUE(backoff.Next(start).has_value());
  EXPECT_TRUE(backoff.Next(start + Millis(999)).has_value());
  EXPECT_FALSE(backoff.Next(start + Millis(1000)).has_value());
  EXPECT_FALSE(backoff.Next(start + Millis(5000)).has_value());
}

TEST(Backoff, StartsAfreshAfterASuccess) {
  Backoff backoff(Millis(1000), Millis(100));
  Backoff::Clock::time_point start;
  backoff.Next(start);
  backoff.Next(start);
  backoff.Succeeded();
  EXPECT_EQ(backoff.Next(start + Millis(5000)), Millis(100));
  EXPECT_TRUE(backoff.Next(start + Millis(5999)).has_value());
  EXPECT_FALSE(backoff.Next(start + Millis(6000)).has_value());
}

TEST(Backoff, WithNoTimeGivesUpAtOnce) { EXPECT_FALSE(Backoff(Millis(0)).Next().has_value()); }

}  // namespace
}  // namespace godwit::base
