#include "server/removal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "fake_destination.h"
#include "fakes.h"
#include "server/run_record.h"
#include "server/state_dir.h"
#include "server/task_lock.h"
#include "store/sqlite_store.h"

namespace godwit::server {
namespace {

using connector::TaskPhase;
using pipeline::testing::FakeDestination;
using pipeline::testing::FakeSource;
using pipeline::testing::Log;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One that keeps its log for the task.
class HoldingSource : public FakeSource {
 public:
  explicit HoldingSource(const Log& log) : FakeSource(log, 7, 0) {}

  std::vector<std::string> holds = {"replication slot godwit_shop", "publication godwit_shop"};
  base::Status list_error, release_error;
  std::function<void()> on_release = [] {};

  base::StatusOr<std::vector<std::string>> ListLogHolds() override {
    if (!list_error.ok()) return list_error;
    return holds;
  }
  base::Status ReleaseLog() override {
    if (!release_error.ok()) return release_error;
    on_release();
    holds.clear();
    return base::OkStatus();
  }
};

class RemovalTest : public testing::Test {
 protected:
  RemovalTest() : source_(log_), target_(log_) {
    dir_ = testing::TempDir() + "godwit-removal-XXXXXX";
    EXPECT_NE(mkdtemp(dir_.data()), nullptr);
    options_.state_dir = dir_;
    Record("shop");
    Record("other");
    Stands(TaskPhase::kStreaming);
  }
  ~RemovalTest() override { std::filesystem::remove_all(dir_); }

  // What a run leaves behind here.
  void Record(const std::string& task) {
    EXPECT_TRUE(TaskLock::Take(dir_, task).ok());
    auto store = store::SqliteStore::Open(StorePath(dir_));
    EXPECT_TRUE(store.ok() && RunRecord(**store, task).Write(TaskStatus()).ok());
  }
  bool HasRecord(const std::string& task) {
    auto store = store::SqliteStore::Open(StorePath(dir_));
    return store.ok() && *RunRecord(**store, task).Exists();
  }
  bool HasLock(const std::string& task) {
    return std::filesystem::exists(TaskLock::Path(dir_, task));
  }
  void Stands(TaskPhase phase, bool with_table = true) {
    connector::TaskState state;
    state.epoch = 1;
    state.phase = phase;
    if (with_table) state.tables.emplace_back().name = {"shop", "t"};
    target_.SetState(state, {});
  }
  Removal Remove() { return RemoveTask("shop", &source_, &target_, options_); }

  void ExpectUntouched() {
    EXPECT_EQ(source_.holds.size(), 2u);
    EXPECT_NE(target_.state().epoch, 0u);
    EXPECT_TRUE(HasRecord("shop") && HasLock("shop"));
  }
  void ExpectGone() {
    EXPECT_THAT(source_.holds, IsEmpty());
    EXPECT_EQ(target_.state().epoch, 0u);
    EXPECT_FALSE(HasRecord("shop") || HasLock("shop"));
    EXPECT_TRUE(HasRecord("other") && HasLock("other"));
  }

  std::string dir_;
  Log log_;
  HoldingSource source_;
  FakeDestination target_;
  RemovalOptions options_;
};

TEST_F(RemovalTest, TakesAwayAllThatIsKeptForTheTask) {
  options_.yes = true;
  const Removal removal = Remove();
  ASSERT_TRUE(removal.status.ok()) << removal.status;
  EXPECT_EQ(removal.phase, TaskPhase::kStreaming);
  EXPECT_EQ(removal.source.outcome, RemovalOutcome::kRemoved);
  EXPECT_THAT(removal.source.what,
              ElementsAre("replication slot godwit_shop", "publication godwit_shop"));
  EXPECT_THAT(removal.target.what, ElementsAre("the state"));
  EXPECT_THAT(removal.state_dir.what, ElementsAre(HasSubstr("godwit.db"), HasSubstr("shop.lock")));
  ExpectGone();

  const Removal again = Remove();
  ASSERT_TRUE(again.status.ok()) << again.status;
  for (const RemovalStep& step : {again.source, again.target, again.state_dir}) {
    EXPECT_EQ(step.outcome, RemovalOutcome::kNothing);
    EXPECT_THAT(step.what, IsEmpty());
  }
}

TEST_F(RemovalTest, TheSourceGoesFirstAndUnderTheLocks) {
  options_.yes = true;
  std::vector<std::string> done_before;
  source_.on_release = [&] {
    done_before = target_.done;
    EXPECT_TRUE(HasRecord("shop"));
    EXPECT_FALSE(TaskLock::Take(dir_, "shop").ok());
  };
  ASSERT_TRUE(Remove().status.ok());
  EXPECT_THAT(done_before, ElementsAre("claim"));
  EXPECT_THAT(target_.done, ElementsAre("claim", "forget"));
}

TEST_F(RemovalTest, OneThatHasNotEndedIsOnlyShown) {
  for (TaskPhase phase : {TaskPhase::kPreparing, TaskPhase::kSchema, TaskPhase::kCopying,
                          TaskPhase::kCatchingUp, TaskPhase::kStreaming}) {
    Stands(phase);
    const Removal removal = Remove();
    EXPECT_TRUE(absl::IsFailedPrecondition(removal.status));
    EXPECT_THAT(std::string(removal.status.message()), HasSubstr("--yes"));
    EXPECT_EQ(removal.source.outcome, RemovalOutcome::kWouldRemove);
    EXPECT_EQ(removal.source.what.size(), 2u);
    EXPECT_EQ(removal.target.what.size(), 1u);
    EXPECT_EQ(removal.state_dir.what.size(), 2u);
    EXPECT_THAT(target_.done, IsEmpty());
    ExpectUntouched();
  }
}

TEST_F(RemovalTest, OneThatHasEndedOrNeverBegunIsRemovedUnasked) {
  Stands(TaskPhase::kFinished);
  EXPECT_TRUE(Remove().status.ok());
  ExpectGone();
  for (bool known : {true, false}) {
    if (known) source_.holds = {"publication godwit_shop"};
    target_.SetState({}, {});
    if (known) Stands(TaskPhase::kPreparing, false);
    const Removal removal = Remove();
    EXPECT_TRUE(removal.status.ok()) << removal.status;
    EXPECT_EQ(removal.target.outcome, known ? RemovalOutcome::kRemoved : RemovalOutcome::kNothing);
    ExpectGone();
  }
}

TEST_F(RemovalTest, WhatTheSourceKeepsForATaskThatTheTargetDoesNotKnowIsAskedAbout) {
  target_.SetState({}, {});
  const Removal removal = Remove();
  EXPECT_THAT(std::string(removal.status.message()), HasSubstr("the target knows nothing of it"));
  EXPECT_EQ(removal.source.outcome, RemovalOutcome::kWouldRemove);
  EXPECT_EQ(source_.holds.size(), 2u);
  options_.yes = true;
  EXPECT_TRUE(Remove().status.ok());
  EXPECT_THAT(source_.holds, IsEmpty());
}

TEST_F(RemovalTest, ARunFromHereIsInTheWay) {
  options_.yes = true;
  auto lock = TaskLock::Take(dir_, "shop");
  const Removal removal = Remove();
  EXPECT_TRUE(absl::IsFailedPrecondition(removal.status));
  EXPECT_THAT(std::string(removal.status.message()), HasSubstr(std::to_string(getpid())));
  EXPECT_EQ(removal.source.outcome, RemovalOutcome::kNotReached);
  ExpectUntouched();
}

TEST_F(RemovalTest, ARunFromElsewhereIsInTheWay) {
  options_.yes = true;
  for (bool known : {true, false}) {
    if (!known) target_.SetState({}, {});
    target_.fault = [](std::string_view place) {
      return place == "claim" ? base::FailedPrecondition("running on x") : base::OkStatus();
    };
    EXPECT_THAT(std::string(Remove().status.message()), HasSubstr("running on x"));
    EXPECT_EQ(source_.holds.size(), 2u);
  }
}

TEST_F(RemovalTest, ARunThatCameInBetweenIsNotRemovedUnasked) {
  Stands(TaskPhase::kFinished);
  target_.fault = [&](std::string_view) { return base::OkStatus(); };
  class Overtaken : public FakeDestination {
   public:
    using FakeDestination::FakeDestination;
    base::StatusOr<std::optional<connector::TaskState>> ClaimIfKnown(uint64_t) override {
      connector::TaskState state;
      state.phase = TaskPhase::kCopying;
      return std::optional(state);
    }
  } overtaken(log_);
  EXPECT_THAT(std::string(RemoveTask("shop", &source_, &overtaken, options_).status.message()),
              HasSubstr("--yes"));
  ExpectUntouched();
}

TEST_F(RemovalTest, ASourceThatCannotBeReachedEndsIt) {
  options_.yes = true;
  source_.list_error = base::Unavailable("refused; the slot stays");
  const Removal removal = Remove();
  EXPECT_TRUE(absl::IsUnavailable(removal.status));
  EXPECT_THAT(std::string(removal.status.message()),
              testing::AllOf(HasSubstr("the slot stays"), HasSubstr("--source-is-gone")));
  ExpectUntouched();

  options_.yes = false;
  const Removal preview = Remove();
  EXPECT_TRUE(absl::IsFailedPrecondition(preview.status));
  EXPECT_EQ(preview.source.outcome, RemovalOutcome::kUnknown);
  EXPECT_THAT(preview.source.left, ElementsAre("refused; the slot stays"));
}

TEST_F(RemovalTest, WhatFailsEndsItAndCanBeDoneAgain) {
  options_.yes = true;
  source_.release_error = base::FailedPrecondition("not the owner");
  EXPECT_THAT(std::string(Remove().status.message()), HasSubstr("not the owner"));
  ExpectUntouched();

  source_.release_error = base::OkStatus();
  target_.fault = [](std::string_view place) {
    return place == "forget" ? base::Unavailable("gone") : base::OkStatus();
  };
  const Removal removal = Remove();
  EXPECT_TRUE(absl::IsUnavailable(removal.status));
  EXPECT_EQ(removal.source.outcome, RemovalOutcome::kRemoved);
  EXPECT_EQ(removal.target.outcome, RemovalOutcome::kNotReached);
  EXPECT_TRUE(HasRecord("shop") && HasLock("shop"));

  target_.fault = nullptr;
  EXPECT_TRUE(Remove().status.ok());
  ExpectGone();
}

TEST_F(RemovalTest, WhatIsGoneIsLeftOut) {
  const Removal without_target = RemoveTask("shop", &source_, nullptr, options_);
  EXPECT_TRUE(without_target.status.ok()) << without_target.status;
  EXPECT_EQ(without_target.target.outcome, RemovalOutcome::kLeftOut);
  EXPECT_THAT(source_.holds, IsEmpty());
  EXPECT_NE(target_.state().epoch, 0u);
  EXPECT_FALSE(HasRecord("shop") || HasLock("shop"));

  options_.yes = true;
  const Removal without_source = RemoveTask("shop", nullptr, &target_, options_);
  EXPECT_TRUE(without_source.status.ok()) << without_source.status;
  EXPECT_EQ(without_source.source.outcome, RemovalOutcome::kLeftOut);
  ExpectGone();
}

TEST_F(RemovalTest, WhereNothingEverRanNothingIsMade) {
  options_.yes = true;
  options_.state_dir = dir_ + "/none";
  EXPECT_EQ(Remove().state_dir.outcome, RemovalOutcome::kNothing);
  EXPECT_FALSE(std::filesystem::exists(options_.state_dir));

  std::filesystem::create_directory(options_.state_dir);
  for (bool yes : {false, true}) {
    options_.yes = yes;
    Stands(TaskPhase::kStreaming);
    Remove();
    EXPECT_TRUE(std::filesystem::is_empty(options_.state_dir));
  }
}

}  // namespace
}  // namespace godwit::server
