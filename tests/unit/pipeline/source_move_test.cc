#include "pipeline/source_move.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_destination.h"

namespace godwit::pipeline {
namespace {

using connector::SettledServer;
using connector::TableStage;
using connector::TableState;
using connector::TaskPhase;
using connector::TaskState;
using testing::FakeDestination;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Log;

TableState Table(const std::string& name, TableStage stage, bool kept = false) {
  return {.name = {"shop", name},
          .stage = stage,
          .definition = "as it was",
          .low = {"1"},
          .high = {"2"},
          .kept = kept,
          .ranges = {{}}};
}

class SourceMoveTest : public ::testing::Test {
 protected:
  SourceMoveTest() {
    state_.phase = TaskPhase::kStreaming;
    state_.server = "a";
    state_.t0 = {"1"};
    state_.applied = {"7"};
    state_.catalog_read = {"2"};
    state_.tables = {Table("t", TableStage::kStreaming)};
  }

  base::StatusOr<std::string> Move(bool places_hold = false) {
    target_.SetState(state_, {});
    return GoOnAt({.identity = "b",
                   .address = "b:3306",
                   .moved = true,
                   .from = {"seven"},
                   .places_hold = places_hold},
                  target_, state_);
  }
  TableState Saved(size_t table) { return target_.state().tables.at(table); }

  Log log_;
  FakeDestination target_{log_};
  TaskState state_;
};

TEST_F(SourceMoveTest, TheSameServerChangesNothing) {
  target_.SetState(state_, {});
  const SettledServer same{.identity = "a", .address = "a:3306", .from = state_.applied};
  EXPECT_THAT(GoOnAt(same, target_, state_).value(), IsEmpty());
  EXPECT_EQ(state_.applied.text, "7");
  EXPECT_EQ(target_.state().server, "a");

  state_.server.clear();  // of a task that an earlier version began
  EXPECT_THAT(GoOnAt(same, target_, state_).value(), IsEmpty());
  EXPECT_EQ(target_.state().server, "a");
  EXPECT_EQ(Saved(0).high.text, "2");
}

TEST_F(SourceMoveTest, AStreamGoesOnWhereTheServerSaysSo) {
  EXPECT_THAT(Move().value(),
              HasSubstr("another server now: b:3306 (b); it was a. Its log goes on"));
  const TaskState saved = target_.state();
  EXPECT_EQ(saved.phase, TaskPhase::kStreaming);
  EXPECT_EQ(saved.server, "b");
  EXPECT_EQ(saved.applied.text, "seven");
  EXPECT_EQ(saved.catalog_read.text, "");
  EXPECT_EQ(Saved(0).stage, TableStage::kStreaming);
  EXPECT_EQ(Saved(0).definition, "as it was");
  EXPECT_EQ(Saved(0).low.text + Saved(0).high.text, "") << "places of the earlier server";
  EXPECT_EQ(state_.applied.text, "seven");
}

TEST_F(SourceMoveTest, PlacesThatHoldStay) {
  state_.open_group.emplace();
  state_.pending_ddl.emplace();
  ASSERT_TRUE(Move(true).ok());
  EXPECT_EQ(target_.state().server, "b");
  EXPECT_EQ(target_.state().catalog_read.text, "2");
  EXPECT_TRUE(target_.state().pending_ddl.has_value());
  EXPECT_EQ(Saved(0).high.text, "2");
}

TEST_F(SourceMoveTest, TablesOnTheirWayAreCopiedAgain) {
  state_.phase = TaskPhase::kCopying;
  state_.tables.push_back(Table("u", TableStage::kCopied));
  state_.tables.push_back(Table("v", TableStage::kCopying, /*kept=*/true));
  EXPECT_TRUE(NeedOf(state_).needs_log);
  EXPECT_THAT(Move().value(), HasSubstr("2 tables whose copy was not through"));
  EXPECT_EQ(target_.state().phase, TaskPhase::kCopying);
  EXPECT_EQ(Saved(0).stage, TableStage::kStreaming);
  EXPECT_EQ(Saved(1).stage, TableStage::kCreating);
  EXPECT_EQ(Saved(1).definition, "");
  EXPECT_THAT(Saved(1).ranges, IsEmpty());
  EXPECT_EQ(Saved(2).stage, TableStage::kPending);
  EXPECT_TRUE(Saved(2).kept);
}

TEST_F(SourceMoveTest, ATaskThatHasCopiedNothingBeginsAnew) {
  for (const TaskPhase phase : {TaskPhase::kSchema, TaskPhase::kCopying, TaskPhase::kCatchingUp}) {
    state_.phase = phase;
    state_.server = "a";
    state_.tables = {Table("t", TableStage::kCopied)};
    EXPECT_FALSE(NeedOf(state_).needs_log);
    EXPECT_THAT(Move().value(), HasSubstr("copied again"));
    EXPECT_EQ(target_.state().phase, TaskPhase::kPreparing);
    EXPECT_EQ(target_.state().server, "b");
    EXPECT_EQ(state_.applied.text, "");
    EXPECT_EQ(state_.tables.at(0).stage, TableStage::kCopied) << "on record as the task's own";
  }
}

TEST_F(SourceMoveTest, WhatIsUnderWayOnTheTargetNeedsTheEarlierServer) {
  state_.open_group.emplace();
  EXPECT_TRUE(absl::IsFailedPrecondition(Move().status()));
  state_.open_group.reset();
  state_.pending_ddl.emplace().statement = "ALTER TABLE t";
  const base::Status refused = Move().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("ALTER TABLE t"));
  EXPECT_EQ(target_.state().server, "a");

  state_.pending_ddl->waits_for = "the operator";
  EXPECT_TRUE(Move().ok()) << "it is met again";
  EXPECT_FALSE(target_.state().pending_ddl.has_value());
  state_.server = "a";
  state_.pending_ddl.emplace().waits_for = "the operator";
  state_.pending_ddl->replaced = 1;
  EXPECT_TRUE(absl::IsFailedPrecondition(Move().status()));
}

TEST_F(SourceMoveTest, WhatHasNotBegunOrHasEndedNeedsNothing) {
  for (const TaskPhase phase : {TaskPhase::kPreparing, TaskPhase::kFinished}) {
    state_.phase = phase;
    EXPECT_TRUE(NeedOf(state_).from.empty());
    EXPECT_THAT(Move().value(), IsEmpty());
  }
}

}  // namespace
}  // namespace godwit::pipeline
