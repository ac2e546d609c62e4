#include "pipeline/held_bytes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace godwit::pipeline {
namespace {

std::unique_ptr<model::ChangeBatch> BatchOf(size_t bytes) {
  auto batch = std::make_unique<model::ChangeBatch>();
  batch->bytes = bytes;
  return batch;
}

TEST(HeldBytesTest, ABatchCountsUntilItsLastHolderLetsGoOfIt) {
  HeldBytes held;
  auto one = held.Count(BatchOf(60));
  auto again = one;
  auto other = held.Count(BatchOf(40));
  held.WaitBelow(101, {});
  one.reset();
  std::atomic<bool> went_on = false;
  std::jthread waiting([&] {
    held.WaitBelow(41, {});
    went_on = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(went_on);
  again.reset();
  waiting.join();
  EXPECT_TRUE(went_on);
}

TEST(HeldBytesTest, AStopEndsTheWaiting) {
  HeldBytes held;
  const auto batch = held.Count(BatchOf(60));
  std::jthread waiting([&](std::stop_token stop) { held.WaitBelow(10, stop); });
  waiting.request_stop();
  waiting.join();
}

}  // namespace
}  // namespace godwit::pipeline
