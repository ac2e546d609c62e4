#include "portal/etcd/child_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace godwit::portal {
namespace {

using testing::HasSubstr;

class ChildProcessTest : public testing::Test {
 protected:
  ~ChildProcessTest() override { close(nowhere_); }

  base::StatusOr<ChildProcess> Start(std::vector<std::string> words) const {
    return ChildProcess::Start({std::move(words), {"A=b"}, nowhere_, nowhere_});
  }
  static std::string Await(ChildProcess& process) {
    while (true) {
      if (auto end = process.TakeEnd()) return *end;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  const int nowhere_ = open("/dev/null", O_RDWR | O_CLOEXEC);
};

TEST_F(ChildProcessTest, TellsHowItHasEnded) {
  auto exits = Start({"/bin/sh", "-c", "test $A = b && exit 7"});
  ASSERT_TRUE(exits.ok()) << exits.status();
  EXPECT_EQ(Await(*exits), "with exit code 7");
  auto is_killed = Start({"/bin/sh", "-c", "kill -KILL $$"});
  EXPECT_EQ(Await(*is_killed), "by signal 9, Killed");
}

TEST_F(ChildProcessTest, WhatCannotBeExecutedIsSaidAtOnce) {
  EXPECT_THAT(Start({"/nowhere"}).status().message(),
              HasSubstr("/nowhere cannot be started: No such file or directory"));
}

TEST_F(ChildProcessTest, EndsInOrderOrIsKilled) {
  auto obeys = Start({"/bin/sleep", "1000"});
  EXPECT_TRUE(obeys->End(std::chrono::seconds(60)));
  auto is_frozen = Start({"/bin/sleep", "1000"});
  kill(is_frozen->pid(), SIGSTOP);
  waitpid(is_frozen->pid(), nullptr, WUNTRACED);
  EXPECT_FALSE(is_frozen->End(std::chrono::milliseconds(20)));
}

TEST_F(ChildProcessTest, SignalsThatAreBlockedHereReachIt) {
  sigset_t term, before;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, &before);
  auto process = Start({"/bin/sleep", "1000"});
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_TRUE(process->End(std::chrono::seconds(60)));
}

TEST_F(ChildProcessTest, DiesWithTheThreadThatHasStartedIt) {
  std::optional<ChildProcess> process;
  std::thread([&] { process.emplace(*Start({"/bin/sleep", "1000"})); }).join();
  EXPECT_EQ(Await(*process), "by signal 9, Killed");
}

}  // namespace
}  // namespace godwit::portal
