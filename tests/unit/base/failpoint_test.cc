#include "base/failpoint.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace godwit::base {
namespace {

// The environment is read once in a process, so that each case runs in one of its own.
class FailpointDeathTest : public testing::Test {
 protected:
  FailpointDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  // Passes "a", "b", "a", "b", ... and ends with the number of passages survived.
  [[noreturn]] static void Run(const char* failpoints) {
    setenv("GODWIT_FAILPOINTS", failpoints, 1);
    for (int i = 0; i < 6; ++i) Failpoint(i % 2 == 0 ? "a" : "b");
    std::_Exit(6);
  }
  static void RunPassing(const char* failpoints, const char* name, int passages) {
    setenv("GODWIT_FAILPOINTS", failpoints, 1);
    for (int i = 0; i < passages; ++i) Failpoint(name);
    std::_Exit(passages);
  }
};

TEST_F(FailpointDeathTest, KillsAtTheFirstPassage) {
  EXPECT_EXIT(Run("a"), testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(Run("b"), testing::KilledBySignal(SIGKILL), "");
}

TEST_F(FailpointDeathTest, KillsAtTheNthPassage) {
  EXPECT_EXIT(RunPassing("a:3", "a", 2), testing::ExitedWithCode(2), "");
  EXPECT_EXIT(RunPassing("a:3", "a", 3), testing::KilledBySignal(SIGKILL), "");
}

TEST_F(FailpointDeathTest, TakesSeveralNames) {
  EXPECT_EXIT(RunPassing("x,b:2,,a", "a", 1), testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(RunPassing("x,b:2,,a", "b", 1), testing::ExitedWithCode(1), "");
  EXPECT_EXIT(RunPassing("x,b:2,,a", "b", 2), testing::KilledBySignal(SIGKILL), "");
}

TEST_F(FailpointDeathTest, KillsAtOnceWhenTheNumberIsNone) {
  EXPECT_EXIT(RunPassing("a:often", "a", 1), testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(RunPassing("a:0", "a", 1), testing::KilledBySignal(SIGKILL), "");
}

TEST_F(FailpointDeathTest, StopsUntilItIsContinued) {
  const pid_t child = fork();
  if (child == 0) RunPassing("a:2/stop", "a", 3);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  EXPECT_TRUE(WIFSTOPPED(status));
  kill(child, SIGCONT);
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

TEST_F(FailpointDeathTest, LeavesOthersAlone) {
  EXPECT_EXIT(Run("c"), testing::ExitedWithCode(6), "");
  EXPECT_EXIT(Run("ab"), testing::ExitedWithCode(6), "");
  EXPECT_EXIT(Run(""), testing::ExitedWithCode(6), "");
}

}  // namespace
}  // namespace godwit::base
