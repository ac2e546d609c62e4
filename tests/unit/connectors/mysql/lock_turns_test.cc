#include "connectors/mysql/copy/lock_turns.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace godwit::connectors::mysql {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Outcome = LockTurns::Outcome;

bool Never() { return false; }

TEST(LockTurns, OneAtATime) {
  LockTurns turns;
  std::atomic<int> inside = 0, most = 0, taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int turn = 0; turn < 20; ++turn) {
          ASSERT_TRUE(turns
                          .Take(Never,
                                [&] {
                                  most = std::max(most.load(), ++inside);
                                  std::this_thread::yield();
                                  --inside;
                                  ++taken;
                                  return Outcome::kDone;
                                })
                          .ok());
        }
      });
    }
  }
  EXPECT_EQ(most, 1);
  EXPECT_EQ(taken, 160);
}

TEST(LockTurns, PausesGrowWithFailuresInARowUpToTheLongest) {
  LockTurns turns(milliseconds(20), milliseconds(50));
  std::vector<steady_clock::time_point> tries;
  const auto take = [&](Outcome outcome) {
    ASSERT_TRUE(turns
                    .Take(Never,
                          [&] {
                            tries.push_back(steady_clock::now());
                            return outcome;
                          })
                    .ok());
  };
  for (int i = 0; i < 4; ++i) take(Outcome::kInVain);
  take(Outcome::kDone);
  take(Outcome::kInVain);
  take(Outcome::kDone);
  EXPECT_GE(tries[1] - tries[0], milliseconds(20));
  EXPECT_GE(tries[2] - tries[1], milliseconds(40));
  EXPECT_GE(tries[3] - tries[2], milliseconds(50));
  EXPECT_GE(tries[4] - tries[3], milliseconds(50));
  EXPECT_GE(tries[6] - tries[5], milliseconds(20));
  EXPECT_LT(tries[5] - tries[4], milliseconds(20)) << "there was nothing to wait for";
}

TEST(LockTurns, WhoWaitsCanBeCancelled) {
  LockTurns turns(std::chrono::minutes(1), std::chrono::minutes(1));
  ASSERT_TRUE(turns.Take(Never, [] { return Outcome::kInVain; }).ok());
  std::atomic<bool> cancelled = false, ran = false;
  base::Status status;
  {
    const std::jthread waiting([&] {
      status = turns.Take([&] { return cancelled.load(); },
                          [&] {
                            ran = true;
                            return Outcome::kDone;
                          });
    });
    std::this_thread::sleep_for(milliseconds(20));
    cancelled = true;
    turns.Wake();
  }
  EXPECT_TRUE(absl::IsCancelled(status));
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace godwit::connectors::mysql
