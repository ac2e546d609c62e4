#include "base/channel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace godwit::base {
namespace {

using std::chrono::milliseconds;

TEST(Channel, KeepsTheOrderAndTakesItemsThatOnlyMove) {
  Channel<std::unique_ptr<int>> channel(100);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(channel.Push(std::make_unique<int>(i), 10));
  EXPECT_EQ(channel.used_bytes(), 50u);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(**channel.Pop(), i);
  EXPECT_EQ(channel.used_bytes(), 0u);
}

TEST(Channel, MakesAPushWaitForRoom) {
  Channel<int> channel(10);
  channel.Push(1, 10);
  std::atomic<bool> pushed = false;
  std::jthread producer([&] {
    channel.Push(2, 1);
    pushed = true;
  });
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_FALSE(pushed);
  EXPECT_EQ(channel.Pop(), 1);
  EXPECT_EQ(channel.Pop(), 2);
  producer.join();
  EXPECT_TRUE(pushed);
}

TEST(Channel, TakesAnItemLargerThanItsBudgetWhenEmpty) {
  Channel<int> channel(10);
  EXPECT_TRUE(channel.Push(1, 1000));
  EXPECT_EQ(channel.used_bytes(), 1000u);
  EXPECT_EQ(channel.Pop(), 1);
}

TEST(Channel, SaysWhenWhoeverPopsIsDone) {
  Channel<int> channel(10);
  channel.Push(1, 1);
  EXPECT_EQ(channel.Pop(), 1);
  std::atomic<bool> done = false;
  std::jthread producer([&] {
    EXPECT_TRUE(channel.AwaitDone());
    done = true;
    channel.Push(2, 1);
    channel.Close();
    EXPECT_FALSE(channel.AwaitDone());
  });
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_FALSE(done) << "it has popped all, but may be at work on it";
  EXPECT_EQ(channel.Pop(), 2);
  EXPECT_TRUE(done);
}

TEST(Channel, StaysWithinItsBudget) {
  constexpr int kItems = 20000;
  Channel<int> channel(64);
  std::jthread producer([&] {
    for (int i = 0; i < kItems; ++i) channel.Push(i, static_cast<size_t>(1 + i % 16));
    channel.Close();
  });
  size_t most = 0;
  int next = 0;
  while (std::optional<int> item = channel.Pop()) {
    most = std::max(most, channel.used_bytes());
    ASSERT_EQ(*item, next++);
  }
  EXPECT_EQ(next, kItems);
  EXPECT_LE(most, 64u);
  EXPECT_EQ(channel.used_bytes(), 0u);
}

TEST(Channel, GivesWhatItHoldsAfterItWasClosed) {
  Channel<int> channel(10);
  channel.Push(1, 1);
  channel.Close();
  EXPECT_FALSE(channel.closed());  // there is still an item to take
  EXPECT_FALSE(channel.Push(2, 1));
  EXPECT_EQ(channel.Pop(), 1);
  EXPECT_TRUE(channel.closed());
  EXPECT_EQ(channel.Pop(), std::nullopt);
}

TEST(Channel, WakesBothSidesWhenClosed) {
  Channel<int> empty(10), full(10);
  full.Push(1, 10);
  std::jthread consumer([&] { EXPECT_EQ(empty.Pop(), std::nullopt); });
  std::jthread producer([&] { EXPECT_FALSE(full.Push(2, 1)); });
  std::this_thread::sleep_for(milliseconds(20));
  empty.Close();
  full.Close();
}

TEST(Channel, WaitsForAnItemAsLongAsItIsTold) {
  Channel<int> channel(10);
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(channel.PopFor(milliseconds(20)), std::nullopt);
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(20));
  EXPECT_FALSE(channel.closed());
  channel.Push(1, 1);
  EXPECT_EQ(channel.PopFor(milliseconds(0)), 1);
}

TEST(Channel, WhoeverWaitsCanBeWoken) {
  Channel<int> channel(10);
  const auto start = std::chrono::steady_clock::now();
  channel.Wake();
  EXPECT_EQ(channel.PopFor(std::chrono::seconds(60)),
            std::nullopt);  // at once: it was woken before
  std::jthread waker([&] {
    std::this_thread::sleep_for(milliseconds(20));
    channel.Wake();
  });
  EXPECT_EQ(channel.PopFor(std::chrono::seconds(60)), std::nullopt);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
  EXPECT_FALSE(channel.closed());
  EXPECT_TRUE(channel.empty());
  EXPECT_EQ(channel.PopFor(milliseconds(0)), std::nullopt);  // a wake counts once
}

TEST(Channel, ServesSeveralProducersOfUnequalItems) {
  constexpr int kEach = 2000;
  Channel<int> channel(100);
  std::vector<std::jthread> producers;
  for (size_t cost : {1, 60, 100, 250}) {
    producers.emplace_back([&channel, cost] {
      for (int i = 0; i < kEach; ++i) channel.Push(i, cost);
    });
  }
  for (int i = 0; i < kEach * 4; ++i) ASSERT_TRUE(channel.PopFor(std::chrono::seconds(20)));
}

}  // namespace
}  // namespace godwit::base
