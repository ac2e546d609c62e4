#include "pipeline/large_row_turns.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace godwit::pipeline {
namespace {

constexpr size_t kMiB = 1024 * 1024;

TEST(LargeRowTurnsTest, OneLaneAtATimeWhereThereIsNoMemoryForMore) {
  LargeRowTurns turns(64 * kMiB);
  ASSERT_TRUE(turns.Take({}));
  std::atomic<bool> taken = false;
  std::jthread other([&] { taken = turns.Take({}); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(taken);
  turns.GiveBack();
  other.join();
  EXPECT_TRUE(taken);
}

TEST(LargeRowTurnsTest, MoreWhereThereIs) {
  LargeRowTurns turns(1024 * kMiB);
  EXPECT_TRUE(turns.Take({}));
  EXPECT_TRUE(turns.Take({}));
}

TEST(LargeRowTurnsTest, AStopEndsTheWaiting) {
  LargeRowTurns turns(512 * kMiB);
  ASSERT_TRUE(turns.Take({}));
  std::jthread waiting([&](std::stop_token stop) { EXPECT_FALSE(turns.Take(stop)); });
  waiting.request_stop();
}

}  // namespace
}  // namespace godwit::pipeline
