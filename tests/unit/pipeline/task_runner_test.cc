#include "pipeline/task_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "fake_destination.h"
#include "histories.h"

namespace godwit::pipeline {
namespace {

using connector::TaskPhase;
using ::testing::ElementsAre;
using testing::FakeDestination;
using testing::FakeSource;
using ::testing::HasSubstr;
using testing::Log;
using testing::MakeTable;
using testing::NumberOf;
using testing::ToText;

constexpr RunOptions kUntilCaughtUp{.until_caught_up = true, .restart = false};

class TaskRunnerTest : public ::testing::Test {
 protected:
  TaskRunnerTest() {
    testing::Rows rows;
    for (int i = 0; i < 10; ++i) rows.insert({std::to_string(i), "x"});
    log_.AddTable(MakeTable("t", {"id", "v"}, {0}), rows);
    for (int i = 10; i < 30; ++i) {
      log_.Insert("t", {std::to_string(i), "x"});
      log_.Commit();
    }
  }
  base::Status Run(RunOptions options = kUntilCaughtUp, std::stop_token stop = {}) {
    return RunTask(task_, source_, target_, options, progress_, stop);
  }
  uint64_t Applied() { return NumberOf(target_.state().applied); }

  config::Task task_ = testing::ShopTask(10'000);
  Log log_;
  FakeSource source_{log_, 1, 0};
  FakeDestination target_{log_};
  Progress progress_;
};

TEST_F(TaskRunnerTest, GoesThroughItsPhases) {
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(ToText(target_.database()), ToText(log_.state(Applied())));
  EXPECT_THAT(progress_.phases(),
              ElementsAre(TaskPhase::kPreparing, TaskPhase::kSchema, TaskPhase::kCopying,
                          TaskPhase::kCatchingUp, TaskPhase::kStreaming));
  const connector::TaskState state = target_.state();
  EXPECT_EQ(state.phase, TaskPhase::kStreaming);
  EXPECT_EQ(state.tables.at(0).stage, connector::TableStage::kStreaming);
  EXPECT_EQ(progress_.tables_done, 1u);
  EXPECT_EQ(progress_.retries, 0u);
}

TEST_F(TaskRunnerTest, ModeCopyEndsWhereTheCopyIsConsistent) {
  task_.mode = config::Mode::kCopy;
  ASSERT_TRUE(Run({}).ok());
  const connector::TaskState state = target_.state();
  EXPECT_EQ(state.phase, TaskPhase::kFinished);
  EXPECT_GE(Applied(), NumberOf(state.copy_end));
  EXPECT_EQ(ToText(target_.database()), ToText(log_.state(Applied())));
}

TEST_F(TaskRunnerTest, ModeStreamMakesAndCopiesNothing) {
  task_.mode = config::Mode::kStream;
  task_.stream.start = config::StartGtid{"5"};
  source_.GrowToEnd();
  target_.SetState({}, log_.state(5));
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(progress_.rows_copied, 0u);
  EXPECT_EQ(source_.opened.at(0).after.text, "5");
  EXPECT_EQ(ToText(target_.database()), ToText(log_.state(Applied())));
}

TEST_F(TaskRunnerTest, ASecondRunGoesOnWhereTheFirstEnded) {
  source_.growth = 1;
  ASSERT_TRUE(Run().ok());
  const uint64_t before = Applied();
  target_.done.clear();
  ASSERT_TRUE(Run().ok());
  EXPECT_GE(Applied(), before);
  EXPECT_EQ(target_.done.front(), "claim");
  EXPECT_THAT(target_.done, ::testing::Not(::testing::Contains("create t")));
  EXPECT_EQ(ToText(target_.database()), ToText(log_.state(Applied())));
}

TEST_F(TaskRunnerTest, WhatPassesIsWaitedOut) {
  task_.copy.threads = 1;
  int left = 3;
  target_.fault = [&](std::string_view place) {
    if (place != "chunk.commit" || left == 0) return base::OkStatus();
    return --left % 2 == 0 ? base::Unavailable("the target is away") : base::Aborted("void");
  };
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(progress_.retries, 3u);
  EXPECT_EQ(ToText(target_.database()), ToText(log_.state(Applied())));
  EXPECT_THAT(progress_.NotesAfter(0).second.at(0), HasSubstr("; trying again"));
}

TEST_F(TaskRunnerTest, AWorkersEveryAttemptClaimsWithItsGeneration) {
  bool failed = false;
  target_.fault = [&](std::string_view place) {
    return place == "chunk.commit" && !std::exchange(failed, true) ? base::Unavailable("ended")
                                                                   : base::OkStatus();
  };
  ASSERT_TRUE(Run({.until_caught_up = true, .generation = 6}).ok());
  EXPECT_GE(std::ranges::count(target_.done, "claim as 6"), 2);
  EXPECT_EQ(std::ranges::count(target_.done, "claim"), 0);
}

TEST_F(TaskRunnerTest, WhatNeedsTheOperatorEndsTheRunAtOnce) {
  target_.fault = [&](std::string_view place) {
    return place == "create" ? base::FailedPrecondition("no right to create") : base::OkStatus();
  };
  const base::Status status = Run();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(progress_.retries, 0u);
}

TEST_F(TaskRunnerTest, GivesUpAfterRetryFor) {
  task_.retry_for = std::chrono::milliseconds(250);
  source_.fault = [&](std::string_view place) {
    return place == "catalog" ? base::Unavailable("host does not answer") : base::OkStatus();
  };
  const base::Status status = Run();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("host does not answer"));
  EXPECT_GE(progress_.retries, 1u);
}

TEST_F(TaskRunnerTest, StoppedWhileItWaitsToTryAgain) {
  source_.fault = [&](std::string_view place) {
    return place == "catalog" ? base::Unavailable("host does not answer") : base::OkStatus();
  };
  std::stop_source stop;
  std::thread stopper([&] {
    while (progress_.retries == 0) std::this_thread::yield();
    stop.request_stop();
  });
  EXPECT_TRUE(absl::IsCancelled(Run(kUntilCaughtUp, stop.get_token())));
  stopper.join();
}

TEST_F(TaskRunnerTest, StoppedInMidCopyKeepsWhatIsCommitted) {
  std::stop_source stop;
  int commits = 0;
  target_.fault = [&](std::string_view place) {
    if (place == "chunk.commit" && ++commits == 3) stop.request_stop();
    return base::OkStatus();
  };
  EXPECT_TRUE(absl::IsCancelled(Run(kUntilCaughtUp, stop.get_token())));
  EXPECT_EQ(target_.state().phase, TaskPhase::kCopying);
  EXPECT_GE(target_.database().at({"shop", "t"}).size(), 4u);
  target_.fault = nullptr;
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(ToText(target_.database()), ToText(log_.state(Applied())));
}

TEST_F(TaskRunnerTest, WithoutATableThereIsNothingToDo) {
  auto pattern = config::TablePattern::Parse("other.*");
  task_.tables = config::TableFilter({*std::move(pattern)}, {}, "godwit");
  const base::Status status = Run();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("tables.include"));
}

TEST_F(TaskRunnerTest, ATableOfSomebodyElseIsNotTouched) {
  target_.SetState({}, {{{"shop", "t"}, {{"1", "theirs"}}}});
  EXPECT_TRUE(absl::IsFailedPrecondition(Run()));
  EXPECT_EQ(ToText(target_.database()), "t: 1 theirs\n");
}

TEST_F(TaskRunnerTest, RestartedItBeginsAnewOverItsOwnTables) {
  ASSERT_TRUE(Run().ok());
  const uint64_t first = target_.state().epoch;
  ASSERT_TRUE(Run({.until_caught_up = true, .restart = true}).ok());
  EXPECT_GT(target_.state().epoch, first);
  EXPECT_EQ(std::count(target_.done.begin(), target_.done.end(), "create t"), 2);
  EXPECT_EQ(ToText(target_.database()), ToText(log_.state(Applied())));
}

TEST_F(TaskRunnerTest, AnOrderToRestartIsCarriedOutOnce) {
  const auto copies = [&] {
    return std::count(target_.done.begin(), target_.done.end(), "create t");
  };
  const auto run = [&](uint64_t order) {
    return Run({.until_caught_up = true, .restart_order = order});
  };
  ASSERT_TRUE(run(0).ok());
  ASSERT_TRUE(run(7).ok());
  EXPECT_EQ(copies(), 2);
  EXPECT_EQ(target_.state().restarted, 7u);
  ASSERT_TRUE(run(7).ok());  // another worker, which has been told the same
  ASSERT_TRUE(run(3).ok());
  ASSERT_TRUE(run(0).ok());
  EXPECT_EQ(copies(), 2);
  // By hand, outside of the cluster: that it was carried out stays known.
  ASSERT_TRUE(Run({.until_caught_up = true, .restart = true}).ok());
  EXPECT_EQ(copies(), 3);
  ASSERT_TRUE(run(7).ok());
  EXPECT_EQ(copies(), 3);
  ASSERT_TRUE(run(8).ok());
  EXPECT_EQ(copies(), 4);
  EXPECT_EQ(ToText(target_.database()), ToText(log_.state(Applied())));
}

TEST_F(TaskRunnerTest, TellsHowItsTablesStand) {
  ASSERT_TRUE(Run().ok());
  progress_.tables.ForEach([](const model::TableName& name, const TableBoard::Table& table) {
    EXPECT_EQ(name.table, "t");
    EXPECT_EQ(table.stage, connector::TableStage::kStreaming);
    EXPECT_GE(table.rows, 10u);  // some of them are in the log too
    EXPECT_GE(table.rows + table.changes, 30u);
  });
  EXPECT_TRUE(progress_.tables.Has({"shop", "t"}));
  EXPECT_EQ(progress_.copy_queue_bytes, 0u);
  EXPECT_EQ(progress_.change_queue_bytes, 0u);
}

// Definitions that change during the copy.

TEST_F(TaskRunnerTest, ATableThatChangesDuringItsCopyIsCopiedAgain) {
  log_.Ddl("ALTER TABLE t ADD c", "t", MakeTable("t", {"id", "v", "c"}, {0}),
           [](testing::Rows& rows) {
             testing::Rows wider;
             for (testing::Values row : rows) {
               row.emplace_back("new");
               wider.insert(row);
             }
             rows = std::move(wider);
           });
  log_.Insert("t", {"99", "x", "y"});
  log_.Commit();
  source_.growth = 8;  // the statement comes after the first chunk or two
  ASSERT_TRUE(Run().ok());
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(ToText(target_.database()), ToText(log_.state(Applied())));
  EXPECT_EQ(progress_.tables_copied_again, 1u);
}

TEST_F(TaskRunnerTest, ATableDroppedDuringItsCopyIsDropped) {
  log_.AddTable(MakeTable("other", {"id"}, {0}));
  log_.Ddl("DROP TABLE t", "t", {});
  source_.growth = 8;
  ASSERT_TRUE(Run().ok());
  ASSERT_TRUE(Run().ok());
  EXPECT_FALSE(target_.database().contains({"shop", "t"}));
}

// Everything at once.

// Between which tokens each table was copied.
std::string Copies(const FakeDestination& target) {
  std::string text;
  for (const connector::TableState& table : target.state().tables)
    text += table.name.table + " copied at " + table.low.text + " to " + table.high.text + "\n";
  return text;
}

// Random shops, copied while they change, with connections lost on the way: from the end of the
// copy on, the target goes through states of the source only.
void MigrateRandomShop(uint64_t seed, int faults) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  Log log = testing::MakeShop(random, true);
  testing::AddHistory(log, random, 20 + random() % 40, 4);
  FakeSource source(log, seed, 0);
  FakeDestination target(log);
  source.growth = 1 + random() % 3;
  source.rows_per_chunk = 1 + static_cast<int>(random() % 3);
  source.inexact_tokens = random() % 2 == 0;
  source.most_events = 1 + random() % 8;
  target.on_commit = [&](uint64_t position, const testing::Database& database) {
    const model::Position& copy_end = target.copy_end();
    if (copy_end.empty() || position < NumberOf(copy_end)) return;
    EXPECT_EQ(ToText(database), ToText(log.state(position))) << position;
  };
  std::mutex mutex;
  const testing::Fault fault = [&](std::string_view) {
    std::lock_guard lock(mutex);
    if (faults == 0 || random() % 40 != 0) return base::OkStatus();
    --faults;
    return random() % 2 == 0 ? base::Unavailable("gone") : base::Aborted("void");
  };
  source.fault = target.fault = fault;
  config::Task task = testing::ShopTask(300 + random() % 3000);
  if (seed % 2 == 0) {
    task.stream.consistency = config::Consistency::kRow;
    task.stream.lanes = static_cast<int>(1 + random() % 4);
  }
  Progress progress;
  const base::Status status = RunTask(task, source, target, kUntilCaughtUp, progress, {});
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(ToText(target.database()), ToText(log.state(NumberOf(target.state().applied))))
      << Copies(target) << testing::Story(log, 1, log.end());
  ASSERT_EQ(target.drifted_rows, 0u);
  // To the very end, all of it strict now.
  target.on_commit = [&](uint64_t position, const testing::Database& database) {
    EXPECT_EQ(ToText(database), ToText(log.state(position))) << position;
  };
  source.GrowToEnd();
  ASSERT_TRUE(RunTask(task, source, target, kUntilCaughtUp, progress, {}).ok());
  ASSERT_EQ(ToText(target.database()), ToText(log.now()));
}

TEST(TaskRunnerHistoriesTest, ShopsThatChangeWhileTheyAreCopied) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    MigrateRandomShop(seed, 0);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(TaskRunnerHistoriesTest, AndConnectionsThatAreLostMeanwhile) {
  for (uint64_t seed = 1001; seed <= 1020; ++seed) {
    MigrateRandomShop(seed, 3);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace godwit::pipeline
