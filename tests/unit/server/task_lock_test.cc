#include "server/task_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

namespace godwit::server {
namespace {

class TaskLockTest : public testing::Test {
 protected:
  TaskLockTest() {
    dir_ = testing::TempDir() + "godwit-lock-XXXXXX";
    EXPECT_NE(mkdtemp(dir_.data()), nullptr);
  }
  ~TaskLockTest() override { std::filesystem::remove_all(dir_); }

  std::string dir_;
};

TEST_F(TaskLockTest, ASecondHolderIsRefusedAndTheFirstNamed) {
  auto first = TaskLock::Take(dir_, "shop");
  ASSERT_TRUE(first.ok()) << first.status();
  auto second = TaskLock::Take(dir_, "shop");
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
  EXPECT_THAT(second.status().ToString(), testing::HasSubstr(std::to_string(getpid())));
  EXPECT_TRUE(TaskLock::Take(dir_, "other").ok());
}

TEST_F(TaskLockTest, AskingForTheHolderTakesNothing) {
  EXPECT_EQ(TaskLock::Holder(dir_, "shop"), std::nullopt);
  {
    auto lock = TaskLock::Take(dir_, "shop");
    EXPECT_EQ(TaskLock::Holder(dir_, "shop"), getpid());
    EXPECT_EQ(TaskLock::Holder(dir_, "shop"), getpid());
    EXPECT_FALSE(TaskLock::Take(dir_, "shop").ok()) << "lost by being asked for";
  }
  EXPECT_EQ(TaskLock::Holder(dir_, "shop"), std::nullopt);
  EXPECT_TRUE(TaskLock::Take(dir_, "shop").ok());
}

TEST_F(TaskLockTest, EndsWithTheProcess) {
  const pid_t child = fork();
  if (child == 0) {
    auto lock = TaskLock::Take(dir_, "shop");
    if (!lock.ok()) _exit(1);
    raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(TaskLock::Holder(dir_, "shop"), std::nullopt);
  EXPECT_TRUE(TaskLock::Take(dir_, "shop").ok());
}

TEST_F(TaskLockTest, WithItsFileRemovedItKeepsNobodyOut) {
  auto first = TaskLock::Take(dir_, "shop");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(first->RemoveFile().ok());
  EXPECT_FALSE(std::filesystem::exists(TaskLock::Path(dir_, "shop")));
  auto second = TaskLock::Take(dir_, "shop");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(first->RemoveFile().ok());
  EXPECT_TRUE(std::filesystem::exists(TaskLock::Path(dir_, "shop"))) << "that was the second's";
}

// A lock on a file that was opened before it was removed is none. To meet the moment between takes
// some tries.
TEST_F(TaskLockTest, KeepsOthersOutAlsoWhileItsFileComesAndGoes) {
  std::atomic<int> taken_twice = 0;
  auto take = [&] {
    for (int i = 0; i < 4000; ++i) {
      auto lock = TaskLock::Take(dir_, "shop");
      if (!lock.ok()) continue;
      if (TaskLock::Take(dir_, "shop").ok()) ++taken_twice;
      EXPECT_TRUE(lock->RemoveFile().ok());
    }
  };
  {
    std::vector<std::jthread> others;
    for (int i = 0; i < 7; ++i) others.emplace_back(take);
    take();
  }
  EXPECT_EQ(taken_twice, 0);
}

TEST_F(TaskLockTest, AFolderThatIsNotThereIsAnError) {
  auto lock = TaskLock::Take(dir_ + "/none", "shop");
  EXPECT_THAT(lock.status().ToString(), testing::HasSubstr(dir_ + "/none/shop.lock"));
}

}  // namespace
}  // namespace godwit::server
