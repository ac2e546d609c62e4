#include "pipeline/stream_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "fake_destination.h"
#include "histories.h"

namespace godwit::pipeline {
namespace {

using connector::TableStage;
using connector::TableState;
using ::testing::Contains;
using testing::FakeDestination;
using testing::FakeSource;
using ::testing::HasSubstr;
using testing::Log;
using testing::MakeTable;
using testing::NumberOf;
using testing::PositionOf;
using ::testing::SizeIs;
using testing::ToText;

// A target that stands where the log begins.
connector::TaskState StateAtStart(const Log& log) {
  connector::TaskState state;
  state.epoch = 1;
  state.phase = connector::TaskPhase::kStreaming;
  state.t0 = state.applied = PositionOf(0);
  for (const auto& [name, statement] : log.definitions(0)) {
    TableState& table = state.tables.emplace_back();
    table.name = name;
    table.definition = statement;
    table.stage = TableStage::kStreaming;
  }
  return state;
}

// One run of StreamChanges from where the target stands.
base::Status StreamOn(const config::Task& task, FakeSource& source, FakeDestination& target,
                      uint64_t until, Progress& progress, std::stop_token stop = {}) {
  const connector::TaskState state = target.state();
  base::StatusOr<TaskTables> tables = TaskTables::Make(source, state.tables);
  if (!tables.ok()) return tables.status();
  const StreamGoal goal{
      state.applied, {}, until > 0 ? PositionOf(until) : model::Position{}, state.open_group};
  return StreamChanges(task, source, target, *tables, goal, progress, stop);
}

class StreamRunnerTest : public ::testing::Test {
 protected:
  StreamRunnerTest() { log_.AddTable(MakeTable("t", {"id", "v"}, {0})); }

  // Transactions that insert rows `first` to `last`, one each.
  void InsertEach(int first, int last) {
    for (int i = first; i <= last; ++i) {
      log_.Insert("t", {std::to_string(i), "x"});
      log_.Commit();
    }
  }
  void Start() {
    source_.emplace(log_, 1, log_.end());
    target_.emplace(log_);
    target_->SetState(StateAtStart(log_), log_.state(0));
  }
  base::Status Run(uint64_t until, std::stop_token stop = {}) {
    return StreamOn(task_, *source_, *target_, until, progress_, stop);
  }
  uint64_t Applied() { return NumberOf(target_->state().applied); }

  config::Task task_ = testing::ShopTask(10'000);
  Log log_;
  std::optional<FakeSource> source_;
  std::optional<FakeDestination> target_;
  Progress progress_;
};

TEST_F(StreamRunnerTest, EndsWhereItWasToldTo) {
  InsertEach(1, 20);
  Start();
  EXPECT_TRUE(Run(12).ok());
  EXPECT_EQ(Applied(), 12u);
  EXPECT_EQ(ToText(target_->database()), ToText(log_.state(12)));
  EXPECT_EQ(progress_.transactions, 12u);
  EXPECT_EQ(progress_.row_changes, 12u);
}

TEST_F(StreamRunnerTest, AsksForTheLogAlsoWhereNothingIsToCome) {
  InsertEach(1, 2);
  Start();
  EXPECT_TRUE(Run(2).ok());
  EXPECT_TRUE(Run(2).ok());
  EXPECT_THAT(source_->opened, SizeIs(2));
  EXPECT_EQ(source_->opened[1].after, PositionOf(2));
  source_->fault = [](std::string_view place) {
    return place == "stream.open" ? base::FailedPrecondition("the log has gone") : base::OkStatus();
  };
  EXPECT_EQ(Run(2), base::FailedPrecondition("the log has gone"));
}

TEST_F(StreamRunnerTest, AnEmptyTransactionMovesThePosition) {
  log_.Commit();
  log_.Commit();
  Start();
  EXPECT_TRUE(Run(2).ok());
  EXPECT_EQ(Applied(), 2u);
}

TEST_F(StreamRunnerTest, StoppedItSavesTheGroupInHand) {
  InsertEach(1, 30);
  Start();
  std::stop_source stop;
  std::thread stopper([&] {
    while (progress_.applied() != PositionOf(30)) std::this_thread::yield();
    stop.request_stop();
  });
  EXPECT_TRUE(absl::IsCancelled(Run(0, stop.get_token())));
  stopper.join();
  EXPECT_EQ(ToText(target_->database()), ToText(log_.state(Applied())));
  EXPECT_EQ(Applied(), 30u);
}

// The first transaction is written by itself; those that come while it is being written, together.
TEST_F(StreamRunnerTest, WhatComesWhileTheTargetIsBusyIsGathered) {
  InsertEach(1, 30);
  Start();
  source_.emplace(log_, 1, 1);
  source_->growth = 0;
  task_.stream.group_ms = std::chrono::milliseconds(0);
  std::atomic<bool> writing = false;
  std::promise<void> all_taken;
  std::shared_future<void> release = all_taken.get_future().share();
  target_->fault = [&](std::string_view place) {
    if (place == "apply" && !writing.exchange(true)) release.wait();
    return base::OkStatus();
  };
  std::thread source([&] {
    while (!writing) std::this_thread::yield();
    source_->GrowToEnd();
    while (progress_.log_bytes < 30 * 3 * source_->event_bytes) std::this_thread::yield();
    all_taken.set_value();
  });
  EXPECT_TRUE(Run(30).ok());
  source.join();
  EXPECT_EQ(progress_.groups, 2u);
  EXPECT_EQ(progress_.transactions, 30u);
  EXPECT_EQ(ToText(target_->database()), ToText(log_.now()));
}

TEST_F(StreamRunnerTest, AGroupWaitsForMoreAsLongAsTheTaskAsks) {
  InsertEach(1, 30);
  Start();
  task_.stream.group_ms = std::chrono::seconds(600);
  std::stop_source stop;
  std::thread stopper([&] {
    while (progress_.log_bytes < 30 * 3 * source_->event_bytes) std::this_thread::yield();
    stop.request_stop();
  });
  EXPECT_TRUE(absl::IsCancelled(Run(0, stop.get_token())));
  stopper.join();
  EXPECT_EQ(progress_.groups, 1u);  // of several batches
  EXPECT_EQ(ToText(target_->database()), ToText(log_.state(Applied())));
}

TEST_F(StreamRunnerTest, AGroupIsOfSoManyTablesAtMost) {
  for (int i = 0; i < 600; ++i) {
    const std::string name = fmt::format("t{}", i);
    log_.AddTable(MakeTable(name, {"id", "v"}, {0}));
    log_.Insert(name, {"1", "x"});
    log_.Commit();
  }
  Start();
  task_.memory_limit = 64 << 20;
  task_.stream.group_ms = std::chrono::seconds(600);
  EXPECT_TRUE(Run(600).ok());
  EXPECT_EQ(progress_.groups, 2u);
  EXPECT_EQ(ToText(target_->database()), ToText(log_.now()));
}

TEST_F(StreamRunnerTest, StoppedAtOnceItIsWholeUpToACommit) {
  InsertEach(1, 50);
  Start();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(absl::IsCancelled(Run(0, stop.get_token())));
  EXPECT_EQ(ToText(target_->database()), ToText(log_.state(Applied())));
}

TEST_F(StreamRunnerTest, AfterTheStreamFailedItGoesOnFromALastCommit) {
  InsertEach(1, 20);
  Start();
  source_->most_events = 1;
  int calls = 0;
  // Three events a transaction, one a batch: lost inside the seventh.
  source_->fault = [&](std::string_view place) {
    return place == "stream.next" && ++calls > 20 ? base::Unavailable("the source went away")
                                                  : base::OkStatus();
  };
  EXPECT_TRUE(absl::IsUnavailable(Run(20)));
  const uint64_t applied = Applied();  // how much depends on where groups ended
  EXPECT_LE(applied, 6u);
  EXPECT_EQ(ToText(target_->database()), ToText(log_.state(applied)));
  source_->fault = nullptr;
  EXPECT_TRUE(Run(20).ok());
  EXPECT_EQ(source_->opened.back().after, PositionOf(applied));
  EXPECT_EQ(ToText(target_->database()), ToText(log_.now()));
}

TEST_F(StreamRunnerTest, AnErrorOfTheTargetEndsTheRun) {
  InsertEach(1, 20);
  Start();
  target_->fault = [](std::string_view place) {
    return place == "apply" ? base::FailedPrecondition("table shop.t is full") : base::OkStatus();
  };
  const base::Status status = Run(20);
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("shop.t is full"));
  EXPECT_EQ(Applied(), 0u);
}

TEST_F(StreamRunnerTest, ATransactionLargerThanAGroupIsStillOneTransaction) {
  InsertEach(1, 3);
  for (int i = 100; i < 400; ++i) log_.Insert("t", {std::to_string(i), "x"});
  log_.Commit();
  InsertEach(4, 6);
  Start();
  task_ = testing::ShopTask(1'000);  // ten events
  size_t applied = 0;
  target_->fault = [&](std::string_view place) {
    applied += place == "apply";
    return base::OkStatus();
  };
  target_->on_commit = [&](uint64_t position, const testing::Database& database) {
    EXPECT_EQ(ToText(database), ToText(log_.state(position))) << position;
  };
  EXPECT_TRUE(Run(7).ok());
  EXPECT_GT(applied, 15u) << "the large transaction came in one piece";
  EXPECT_EQ(target_->drifted_rows, 0u);
  EXPECT_EQ(progress_.transactions, 7u);
}

TEST_F(StreamRunnerTest, ALargeTransactionThatIsCutOffLeavesNothing) {
  for (int i = 100; i < 400; ++i) log_.Insert("t", {std::to_string(i), "x"});
  log_.Commit();
  Start();
  task_ = testing::ShopTask(1'000);
  int calls = 0;
  source_->fault = [&](std::string_view place) {
    return place == "stream.next" && ++calls > 40 ? base::Unavailable("the source went away")
                                                  : base::OkStatus();
  };
  EXPECT_TRUE(absl::IsUnavailable(Run(1)));
  EXPECT_EQ(ToText(target_->database()), ToText(log_.state(0)));
  source_->fault = nullptr;
  EXPECT_TRUE(Run(1).ok());
  EXPECT_EQ(ToText(target_->database()), ToText(log_.now()));
}

// DDL.

TEST_F(StreamRunnerTest, ADdlStandsBetweenWhatIsBeforeAndAfter) {
  InsertEach(1, 5);
  const uint64_t ddl = log_.Ddl("ALTER TABLE t ADD c", "t", MakeTable("t", {"id", "v", "c"}, {0}),
                                [](testing::Rows& rows) {
                                  testing::Rows wider;
                                  for (testing::Values row : rows) {
                                    row.emplace_back("new");
                                    wider.insert(row);
                                  }
                                  rows = std::move(wider);
                                });
  log_.Insert("t", {"6", "x", "c"});
  log_.Commit();
  Start();
  target_->on_commit = [&](uint64_t position, const testing::Database& database) {
    EXPECT_EQ(ToText(database), ToText(log_.state(position))) << position;
  };
  EXPECT_TRUE(Run(log_.end()).ok());
  EXPECT_EQ(ToText(target_->database()), ToText(log_.now()));
  EXPECT_EQ(progress_.ddls, 1u);
  EXPECT_THAT(target_->done, Contains("ddl ALTER TABLE t ADD c"));
  EXPECT_THAT(target_->done, Contains("commit " + std::to_string(ddl - 1)));
  EXPECT_EQ(target_->state().tables.at(0).definition, log_.definitions(ddl).begin()->second);
}

TEST_F(StreamRunnerTest, EndsAtADdl) {
  InsertEach(1, 2);
  log_.Ddl("DROP TABLE t", "t", {});
  Start();
  EXPECT_TRUE(Run(3).ok());
  EXPECT_EQ(Applied(), 3u);
  EXPECT_THAT(target_->state().tables, SizeIs(0));
}

TEST_F(StreamRunnerTest, ADdlThatFailsLeavesWhatWasBeforeIt) {
  InsertEach(1, 5);
  log_.Ddl("TRUNCATE TABLE t", "t", MakeTable("t", {"id", "v"}, {0}),
           [](testing::Rows& rows) { rows.clear(); });
  Start();
  target_->fault = [](std::string_view place) {
    return place == "ddl" ? base::Unavailable("the target went away") : base::OkStatus();
  };
  EXPECT_TRUE(absl::IsUnavailable(Run(6)));
  EXPECT_EQ(Applied(), 5u);
  target_->fault = nullptr;
  EXPECT_TRUE(Run(6).ok());
  EXPECT_EQ(ToText(target_->database()), "");
}

TEST_F(StreamRunnerTest, StatementsAboutViewsWaitWhileCatchingUp) {
  InsertEach(1, 2);
  log_.ViewStatement("CREATE VIEW w AS SELECT 1");
  InsertEach(3, 4);
  log_.ViewStatement("DROP VIEW w");
  Start();
  TaskTables tables = *TaskTables::Make(*source_, target_->state().tables);
  const StreamGoal goal{PositionOf(0), PositionOf(5), PositionOf(5), {}, true};
  EXPECT_TRUE(StreamChanges(task_, *source_, *target_, tables, goal, progress_, {}).ok());
  EXPECT_EQ(progress_.ddls, 0u);
  EXPECT_EQ(Applied(), 5u);
  EXPECT_TRUE(Run(6).ok());
  EXPECT_THAT(target_->done, Contains("ddl DROP VIEW w"));
}

// Everything at once.

// Random histories in random pieces, with connections lost at random moments, before and after
// commits: the target goes through states of the source only, and nothing is applied twice.
TEST(StreamRunnerHistoriesTest, LostConnectionsLoseAndDoubleNothing) {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    Log log = testing::MakeShop(random, true);
    testing::AddHistory(log, random, 10 + random() % 20, 8);
    FakeSource source(log, seed, random() % 5);
    FakeDestination target(log);
    target.SetState(StateAtStart(log), log.state(0));
    source.most_events = 1 + random() % 8;
    target.on_commit = [&](uint64_t position, const testing::Database& database) {
      EXPECT_EQ(ToText(database), ToText(log.state(position))) << position;
    };
    std::atomic<int> faults = 5;
    std::mutex mutex;
    const testing::Fault fault = [&](std::string_view) {
      std::lock_guard lock(mutex);
      if (random() % 12 != 0 || faults-- <= 0) return base::OkStatus();
      return random() % 2 == 0 ? base::Unavailable("gone") : base::Aborted("void");
    };
    source.fault = target.fault = fault;
    config::Task task = testing::ShopTask(200 + random() % 3000);
    if (seed % 2 == 0) task.stream.consistency = config::Consistency::kRow;
    Progress progress;
    base::Status status = base::Unavailable("not yet begun");
    for (int run = 0; run < 20 && !status.ok(); ++run) {
      task.stream.lanes = static_cast<int>(1 + random() % 4);
      status = StreamOn(task, source, target, log.end(), progress);
      EXPECT_TRUE(status.ok() || absl::IsUnavailable(status) || absl::IsAborted(status)) << status;
    }
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_EQ(ToText(target.database()), ToText(log.now()));
    ASSERT_EQ(target.drifted_rows, 0u);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace godwit::pipeline
