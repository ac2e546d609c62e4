#include "pipeline/log_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "fake_destination.h"
#include "histories.h"
#include "pipeline/task_runner.h"

namespace godwit::pipeline {
namespace {

using connector::LogHold;
using connector::TaskPhase;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::AllOf;
using testing::FakeDestination;
using testing::FakeSource;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Log;
using testing::MakeTable;
using ::testing::Not;
using ::testing::SizeIs;

constexpr uint64_t kMiB = 1 << 20;
constexpr LogGuard::Pace kPace{.look = milliseconds(1), .patience = milliseconds(30)};

LogHold Hold(uint64_t mebibytes, std::optional<uint64_t> left = {}) {
  LogHold hold{.name = "slot", .retained_bytes = mebibytes * kMiB};
  if (left) hold.bytes_left = *left * kMiB;
  return hold;
}

class LogGuardTest : public ::testing::Test {
 protected:
  LogGuardTest() {
    task_.slot_wal.most = 100 * kMiB;
    task_.retry_for = std::chrono::seconds(10);
    source_.fault = [this](std::string_view place) {
      looks_ += place == "log.hold";
      return place == "log.release" && busy_-- > 0 ? base::Unavailable("slot is active")
                                                   : base::OkStatus();
    };
    progress_.EnterPhase(TaskPhase::kCopying);
  }

  void Begin() { guard_.emplace(task_, source_, progress_, operator_.get_token(), kPace); }

  static void Wait(const std::function<bool()>& until) {
    const auto deadline = steady_clock::now() + std::chrono::seconds(20);
    while (!until()) {
      ASSERT_LT(steady_clock::now(), deadline) << "waited in vain";
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
  // Until it has looked at what is there now, and done about it what it does.
  void Look() {
    const int before = looks_;
    Wait([&] { return looks_ >= before + 3 || guard_->stop().stop_requested(); });
  }
  void Keep(const std::optional<LogHold>& hold) {
    source_.SetLogHold(hold);
    hold ? Look() : std::this_thread::sleep_for(milliseconds(20));
  }
  std::vector<std::string> Notes() {
    auto [seen, notes] = progress_.NotesAfter(seen_);
    seen_ = seen;
    return notes;
  }
  bool stops() const { return guard_->stop().stop_requested(); }
  std::string End(base::Status status) { return guard_->End(std::move(status)).ToString(); }

  config::Task task_ = testing::ShopTask(1000);
  Log log_;
  FakeSource source_{log_, 1, 0};
  Progress progress_;
  std::stop_source operator_;
  std::atomic<int> looks_ = 0, busy_ = 0;
  uint64_t seen_ = 0;
  std::optional<LogGuard> guard_;
};

TEST_F(LogGuardTest, TellsWhatIsKept) {
  source_.SetLogHold(Hold(7, 9));
  Begin();
  Look();
  EXPECT_EQ(progress_.log_hold(), Hold(7, 9));
  EXPECT_THAT(Notes(), IsEmpty());
  EXPECT_FALSE(stops());
  EXPECT_TRUE(guard_->End(base::OkStatus()).ok());
}

TEST_F(LogGuardTest, ASourceThatKeepsNothingIsLeftAlone) {
  Begin();
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(progress_.log_hold(), std::nullopt);
  EXPECT_FALSE(stops());
  EXPECT_EQ(End(base::Aborted("as it was")), "ABORTED: as it was");
}

TEST_F(LogGuardTest, WarnsOncePerCrossing) {
  Begin();
  Keep(Hold(79));
  EXPECT_THAT(Notes(), IsEmpty());
  Keep(Hold(80));
  const std::vector<std::string> notes = Notes();
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_THAT(notes[0], AllOf(HasSubstr("80 MiB"), HasSubstr("slot slot"), HasSubstr("100MiB"),
                              HasSubstr("copy is going on")));
  Keep(Hold(79));
  Keep(Hold(95));
  EXPECT_THAT(Notes(), IsEmpty()) << "it has not been well below";
  Keep(Hold(60));
  Keep(Hold(100));
  EXPECT_THAT(Notes(), SizeIs(1));
  EXPECT_FALSE(stops());
}

TEST_F(LogGuardTest, WarnsOfTheServersOwnLimit) {
  task_.slot_wal.most.reset();
  Begin();
  Keep(Hold(70, 30));
  EXPECT_THAT(Notes(), IsEmpty());
  Keep(Hold(81, 19));
  const std::vector<std::string> notes = Notes();
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_THAT(notes[0], AllOf(HasSubstr("19 MiB"), HasSubstr("max_slot_wal_keep_size")));
  Keep(Hold(99, 1));
  EXPECT_THAT(Notes(), IsEmpty());
  EXPECT_FALSE(stops());
}

TEST_F(LogGuardTest, BeyondTheLimitItMayOnlyWarn) {
  task_.slot_wal.on_most = config::OnMaxSlotWal::kWarn;
  Begin();
  Keep(Hold(101));
  Keep(Hold(500));
  const std::vector<std::string> notes = Notes();
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_THAT(notes[0], HasSubstr("more than source.max_slot_wal"));
  EXPECT_FALSE(stops());
  EXPECT_TRUE(guard_->End(base::OkStatus()).ok());
  EXPECT_TRUE(source_.holds_log());
}

TEST_F(LogGuardTest, BeyondTheLimitItStopsTheRun) {
  Begin();
  Keep(Hold(101));
  EXPECT_TRUE(stops());
  EXPECT_THAT(End(base::Cancelled("stopped")),
              AllOf(HasSubstr("FAILED_PRECONDITION"), HasSubstr("101 MiB"), HasSubstr("100MiB"),
                    HasSubstr("copy is going on"), HasSubstr("run again"), HasSubstr("release")));
  EXPECT_TRUE(source_.holds_log());
}

TEST_F(LogGuardTest, SaysThatTheTargetIsBehind) {
  Begin();
  progress_.EnterPhase(TaskPhase::kStreaming);
  progress_.SetApplied(testing::PositionOf(0));
  Keep(Hold(101));
  EXPECT_THAT(End(base::Cancelled("stopped")),
              AllOf(HasSubstr("the changes up to 0"), HasSubstr("open on the source for long")));
}

TEST_F(LogGuardTest, ReleasesTheLogOnceNobodyReadsIt) {
  task_.slot_wal.on_most = config::OnMaxSlotWal::kRelease;
  busy_ = 3;
  Begin();
  Keep(Hold(101));
  EXPECT_TRUE(stops());
  EXPECT_THAT(End(base::Cancelled("stopped")),
              AllOf(HasSubstr("FAILED_PRECONDITION"), HasSubstr("has been dropped"),
                    HasSubstr("--restart")));
  EXPECT_FALSE(source_.holds_log());
}

TEST_F(LogGuardTest, SaysWhereTheLogCouldNotBeReleased) {
  task_.slot_wal.on_most = config::OnMaxSlotWal::kRelease;
  source_.fault = [this](std::string_view place) {
    looks_ += place == "log.hold";
    return place == "log.release" ? base::FailedPrecondition("no right") : base::OkStatus();
  };
  Begin();
  Keep(Hold(101));
  EXPECT_THAT(End(base::Cancelled("stopped")),
              AllOf(HasSubstr("failed: no right"), Not(HasSubstr("has been dropped"))));
}

TEST_F(LogGuardTest, ARunThatHasDoneItsWorkMeanwhileIsDone) {
  task_.slot_wal.on_most = config::OnMaxSlotWal::kRelease;
  Begin();
  Keep(Hold(101));
  EXPECT_TRUE(guard_->End(base::OkStatus()).ok());
  EXPECT_TRUE(source_.holds_log());
}

TEST_F(LogGuardTest, ARunThatDoesNotEndIsCutOffAndTheLogReleased) {
  task_.slot_wal.on_most = config::OnMaxSlotWal::kRelease;
  Begin();
  Keep(Hold(101));
  EXPECT_FALSE(guard_->cut_off().stop_requested());
  Wait([&] { return guard_->cut_off().stop_requested() && !source_.holds_log(); });
  EXPECT_THAT(End(base::OkStatus()), HasSubstr("has been dropped"));
}

TEST_F(LogGuardTest, TellsWhatElseWentWrong) {
  Begin();
  Keep(Hold(101));
  EXPECT_THAT(End(base::DataLoss("torn page")),
              AllOf(HasSubstr("101 MiB"), HasSubstr("ended with: torn page")));
}

TEST_F(LogGuardTest, ALogThatIsLostEndsTheRun) {
  task_.slot_wal = {};
  Begin();
  LogHold lost = Hold(0);
  lost.lost = true;
  Keep(lost);
  EXPECT_TRUE(stops());
  EXPECT_THAT(End(base::Cancelled("stopped")),
              AllOf(HasSubstr("slot slot"), HasSubstr("max_slot_wal_keep_size"),
                    HasSubstr("copy is going on"), HasSubstr("--restart")));
}

TEST_F(LogGuardTest, ALogThatIsGoneEndsTheRun) {
  Begin();
  Keep(Hold(1));
  Keep({});
  Wait([&] { return stops(); });
  EXPECT_THAT(End(base::Cancelled("stopped")),
              AllOf(HasSubstr("slot slot"), HasSubstr("dropped"), HasSubstr("--restart")));
}

TEST_F(LogGuardTest, WhatATaskReleasesAtItsEndIsNotMissed) {
  Begin();
  Keep(Hold(1));
  progress_.EnterPhase(TaskPhase::kFinished);
  Keep({});
  EXPECT_FALSE(stops());
  EXPECT_TRUE(guard_->End(base::OkStatus()).ok());
}

TEST_F(LogGuardTest, WhatAnEarlierRunLeftIsNotJudged) {
  progress_.EnterPhase(TaskPhase::kPreparing);
  LogHold earlier = Hold(500);
  earlier.lost = true;
  source_.SetLogHold(earlier);
  Begin();
  Look();
  EXPECT_FALSE(stops());
  EXPECT_EQ(progress_.log_hold(), earlier);
  // It is being made anew, and somebody's transaction is in the way of that for long.
  LogHold made = Hold(500);
  made.in_use = true;
  Keep(made);
  EXPECT_TRUE(stops());
  EXPECT_THAT(End(base::Cancelled("stopped")), HasSubstr("has not begun"));
}

TEST_F(LogGuardTest, OnceTheOperatorHasStoppedItNothingIsReleased) {
  task_.slot_wal.on_most = config::OnMaxSlotWal::kRelease;
  Begin();
  Keep(Hold(1));
  operator_.request_stop();
  EXPECT_TRUE(stops());
  source_.SetLogHold(Hold(500));
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(End(base::Cancelled("stopped")), "CANCELLED: stopped");
  EXPECT_TRUE(source_.holds_log());
}

TEST_F(LogGuardTest, ALookThatFailsIsToldOnce) {
  source_.fault = [this](std::string_view place) {
    looks_ += place == "log.hold";
    return looks_ < 3 ? base::Unavailable("away") : base::FailedPrecondition("no right");
  };
  source_.SetLogHold(Hold(500));
  Begin();
  Wait([&] { return looks_ > 10; });
  const std::vector<std::string> notes = Notes();
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_THAT(notes[0], HasSubstr("no right"));
  EXPECT_FALSE(stops());
}

// With a whole run.

TEST(LogGuard, EndsARunInOrder) {
  Log log;
  testing::Rows rows;
  for (int i = 0; i < 10; ++i) rows.insert({std::to_string(i), "x"});
  log.AddTable(MakeTable("t", {"id", "v"}, {0}), rows);
  FakeSource source(log, 1, 0);
  source.SetLogHold(Hold(101));
  FakeDestination target(log);
  Progress progress;
  config::Task task = testing::ShopTask(10'000);
  task.slot_wal = {100 * kMiB, config::OnMaxSlotWal::kRelease};
  // Without an end of its own.
  const base::Status status = RunTask(task, source, target, {}, progress, {});
  EXPECT_THAT(status.ToString(), AllOf(HasSubstr("FAILED_PRECONDITION"), HasSubstr("--restart")));
  EXPECT_FALSE(source.holds_log());
  // What it had done is whole.
  task.slot_wal = {};
  ASSERT_TRUE(RunTask(task, source, target, {.until_caught_up = true}, progress, {}).ok());
  EXPECT_EQ(testing::ToText(target.database()), testing::ToText(log.now()));
}

}  // namespace
}  // namespace godwit::pipeline
