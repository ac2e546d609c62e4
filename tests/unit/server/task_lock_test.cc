#include "server/task_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

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

// Whoever has opened the file before it was removed holds nothing by it.
TEST_F(TaskLockTest, HasOneHolderAlsoWhileItsFileComesAndGoes) {
  std::atomic<int> holders = 0, most = 0;
  auto take = [&] {
    for (int i = 0; i < 3000; ++i) {
      auto lock = TaskLock::Take(dir_, "shop");
      if (!lock.ok()) continue;
      most = std::max(most.load(), ++holders);
      std::this_thread::yield();
      --holders;
      EXPECT_TRUE(lock->RemoveFile().ok());
    }
  };
  {
    std::jthread other(take), another(take);
    take();
  }
  EXPECT_EQ(most, 1);
}

TEST_F(TaskLockTest, AFolderThatIsNotThereIsAnError) {
  auto lock = TaskLock::Take(dir_ + "/none", "shop");
  EXPECT_THAT(lock.status().ToString(), testing::HasSubstr(dir_ + "/none/shop.lock"));
}

}  // namespace
}  // namespace godwit::server
