#include "server/status_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::server {
namespace {

using connector::TaskPhase;
using testing::ElementsAre;
using testing::IsEmpty;

config::Task Task() {
  return *config::ParseTask(
      "name: shop\n"
      "source: {url: \"mysql://u@a\"}\n"
      "target: {url: \"mysql://u@b\"}\n"
      "tables: {include: [shop.*]}\n",
      "t.yaml");
}

TEST(StatusSampler, RowsOfEarlierRunsAreNotThisRuns) {
  connector::TaskState state;
  state.tables.emplace_back().ranges.push_back({{}, "", false, 100, 1000, {}, {}});
  pipeline::Progress progress;
  progress.EnterPhase(TaskPhase::kCopying);
  progress.rows_copied = 150;
  progress.bytes_copied = 1700;
  StatusSampler sampler(Task(), "t.yaml", state, progress);
  const TaskStatus& status = sampler.Sample();
  EXPECT_EQ(status.copy.rows, 150u);
  EXPECT_EQ(status.copy.rows_of_run, 50u);
  EXPECT_EQ(status.copy.bytes_of_run, 700u);
}

TEST(StatusSampler, BytesOnTheirWayMoveTheCopyOn) {
  pipeline::Progress progress;
  progress.EnterPhase(TaskPhase::kCopying);
  progress.rows_total_estimate = 1000;
  progress.rows_copied = 100;
  progress.bytes_copied = progress.bytes_read = 1000;
  StatusSampler sampler(Task(), "t.yaml", std::nullopt, progress);
  EXPECT_DOUBLE_EQ(sampler.Sample().copy.fraction, 0.1);
  progress.bytes_read = 3000;
  EXPECT_DOUBLE_EQ(sampler.Sample().copy.fraction, 0.3);
}

TEST(StatusSampler, ACopyIsNotDoneBeforeItIs) {
  pipeline::Progress progress;
  progress.EnterPhase(TaskPhase::kCopying);
  progress.rows_total_estimate = 10;
  progress.rows_copied = 1000;
  StatusSampler sampler(Task(), "t.yaml", std::nullopt, progress);
  EXPECT_LT(sampler.Sample().copy.fraction, 1);
  EXPECT_EQ(sampler.Sample().copy.seconds_left, std::nullopt);
  progress.EnterPhase(TaskPhase::kCatchingUp);
  EXPECT_EQ(sampler.Sample().copy.fraction, 1);
}

TEST(StatusSampler, TellsWhatTheSourceKeepsOfItsLog) {
  pipeline::Progress progress;
  StatusSampler sampler(Task(), "t.yaml", std::nullopt, progress);
  EXPECT_EQ(sampler.Sample().log_hold, std::nullopt);
  const connector::LogHold hold{"slot", 1, 2, true, false};
  progress.SetLogHold(hold);
  EXPECT_EQ(sampler.Sample().log_hold, hold);
}

TEST(StatusSampler, LagIsUnknownUntilItIsKnown) {
  pipeline::Progress progress;
  StatusSampler sampler(Task(), "t.yaml", std::nullopt, progress);
  EXPECT_EQ(sampler.Sample().changes.lag_seconds, std::nullopt);
  progress.lag_us = 1'500'000;
  progress.log_bytes_behind = 7;
  EXPECT_EQ(sampler.Sample().changes.lag_seconds, 1.5);
  EXPECT_EQ(sampler.Sample().changes.bytes_behind, 7u);
}

TEST(StatusSampler, LagGrowsWhileTheTargetDoesNotAnswer) {
  pipeline::Progress progress;
  StatusSampler sampler(Task(), "t.yaml", std::nullopt, progress);
  progress.lag_us = 1'000'000;
  progress.pending_since_us = 1;  // 1970
  EXPECT_GT(*sampler.Sample().changes.lag_seconds, 1e9);
  progress.pending_since_us = 0;
  EXPECT_DOUBLE_EQ(*sampler.Sample().changes.lag_seconds, 1);
}

TEST(StatusSampler, NoPhaseIsMissedHoweverShort) {
  pipeline::Progress progress;
  StatusSampler sampler(Task(), "t.yaml", std::nullopt, progress);
  progress.EnterPhase(TaskPhase::kCopying);
  progress.EnterPhase(TaskPhase::kCatchingUp);
  progress.EnterPhase(TaskPhase::kStreaming);
  EXPECT_EQ(sampler.Sample().phase, TaskPhase::kStreaming);
  ASSERT_EQ(sampler.passed().size(), 2u);
  EXPECT_EQ(sampler.passed()[0].phase, TaskPhase::kCopying);
  EXPECT_EQ(sampler.passed()[1].phase, TaskPhase::kCatchingUp);
  EXPECT_EQ(sampler.Sample().phase, TaskPhase::kStreaming);
  EXPECT_THAT(sampler.passed(), IsEmpty());
}

TEST(StatusSampler, NotesAreTakenOnce) {
  pipeline::Progress progress;
  StatusSampler sampler(Task(), "t.yaml", std::nullopt, progress);
  progress.Note("one");
  progress.Note("two");
  EXPECT_THAT(sampler.TakeNotes(), ElementsAre("one", "two"));
  EXPECT_THAT(sampler.TakeNotes(), IsEmpty());
  for (int i = 0; i < 1000; ++i) progress.Note(std::to_string(i));
  EXPECT_EQ(sampler.TakeNotes().back(), "999");
  EXPECT_EQ(sampler.Sample().notes, 1002u);
  EXPECT_EQ(sampler.Sample().last_note, "999");
}

TEST(StatusSampler, TheEndSaysHow) {
  pipeline::Progress progress;
  StatusSampler sampler(Task(), "t.yaml", std::nullopt, progress);
  EXPECT_EQ(sampler.End(base::OkStatus()).state, RunState::kDone);
  EXPECT_EQ(sampler.End(base::Cancelled("stopped")).state, RunState::kStopped);
  EXPECT_EQ(sampler.End(base::Cancelled("stopped")).error, "");
  EXPECT_EQ(sampler.End(base::FailedPrecondition("no right")).error, "no right");
}

}  // namespace
}  // namespace godwit::server
