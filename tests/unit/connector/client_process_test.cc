#include "connector/client_process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace godwit::connector {
namespace {

TEST(ClientProcessTest, ThisProcessLives) {
  EXPECT_EQ(ThisProcess().pid, getpid());
  EXPECT_TRUE(MayLive(ThisProcess()));
}

TEST(ClientProcessTest, AProcessThatHasEndedDoesNot) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  ClientProcess process = ThisProcess();
  process.pid = child;
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_FALSE(MayLive(process));
}

TEST(ClientProcessTest, NorDoesOneWhoseNumberWasGivenOutAgain) {
  ClientProcess process = ThisProcess();
  --process.started;
  EXPECT_FALSE(MayLive(process));
}

TEST(ClientProcessTest, NothingIsKnownOfOtherMachines) {
  ClientProcess process = ThisProcess();
  process.machine = "another";
  process.pid = 0;
  EXPECT_TRUE(MayLive(process));
  process.machine.clear();
  EXPECT_TRUE(MayLive(process));
}

}  // namespace
}  // namespace godwit::connector
