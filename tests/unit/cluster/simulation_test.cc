#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/sim/options.h"

namespace godwit::sim {
namespace {

// Random histories of a small cluster; one that fails is run again by `cluster_sim --seed N
// --trace`.
TEST(Simulation, HoldsInAllHistories) {
  const char* many = std::getenv("GODWIT_HISTORIES");
  const int histories = many ? std::atoi(many) : 100'000;
  for (int i = 1; i <= histories; ++i) {
    Options options{.seed = static_cast<uint64_t>(i)};
    const Outcome outcome = RunHistory(options);
    ASSERT_EQ(outcome.violation, "") << "cluster_sim --seed " << i << " --trace";
  }
}

// The number of the first history that shows it; 0: none of them does.
int FoundAfter(Mutant mutant, int histories) {
  for (int i = 1; i <= histories; ++i) {
    if (!RunHistory({.seed = static_cast<uint64_t>(i), .mutant = mutant}).violation.empty()) {
      return i;
    }
  }
  return 0;
}

TEST(Simulation, FindsASchedulerThatDoesNotWaitForLeases) {
  EXPECT_NE(FoundAfter(Mutant::kImpatientScheduler, 500), 0);
}
TEST(Simulation, FindsALeaderThatWritesWhateverHappens) {
  EXPECT_NE(FoundAfter(Mutant::kUnconditionalLeader, 5'000), 0);
}
TEST(Simulation, FindsASchedulerThatGivesAwayWhatIsHeld) {
  EXPECT_NE(FoundAfter(Mutant::kCarelessScheduler, 20'000), 0);
}
TEST(Simulation, FindsAWorkerThatTakesWhatWasGivenAway) {
  EXPECT_NE(FoundAfter(Mutant::kCarelessWorker, 20'000), 0);
}
TEST(Simulation, FindsAWorkerThatIgnoresItsClock) {
  EXPECT_NE(FoundAfter(Mutant::kTimelessWorker, 5'000), 0);
}
TEST(Simulation, FindsOperationsThatTakeEffectOutOfOrder) {
  EXPECT_NE(FoundAfter(Mutant::kUnorderedOperations, 20'000), 0);
}

}  // namespace
}  // namespace godwit::sim
