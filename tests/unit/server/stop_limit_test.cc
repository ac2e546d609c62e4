#include "server/stop_limit.h"

#include <gtest/gtest.h>

#include <chrono>
#include <latch>
#include <optional>

namespace godwit::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(StopLimit, GivesUpSomeTimeAfterTheStopAndNotBefore) {
  for (const bool stopped_before : {false, true}) {
    std::stop_source stop;
    if (stopped_before) stop.request_stop();
    const auto began = steady_clock::now();
    const StopLimit limit(stop.get_token(), milliseconds(50));
    std::latch given_up(1);
    const std::stop_callback tell(limit.give_up(), [&] { given_up.count_down(); });
    stop.request_stop();
    given_up.wait();
    EXPECT_GE(steady_clock::now() - began, milliseconds(50));
  }
}

TEST(StopLimit, WhatEndsInTimeIsNotGivenUp) {
  std::stop_source stop;
  std::stop_token give_up;
  {
    const StopLimit limit(stop.get_token(), std::chrono::hours(1));
    give_up = limit.give_up();
    stop.request_stop();
  }
  EXPECT_FALSE(give_up.stop_requested());
  {
    const StopLimit never_stopped(std::stop_source().get_token(), milliseconds(0));
    give_up = never_stopped.give_up();
  }
  EXPECT_FALSE(give_up.stop_requested());
}

}  // namespace
}  // namespace godwit::server
