#include "pipeline/group_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "pipeline/group_parts.h"

namespace godwit::pipeline {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What an applier was asked to do, and what it answers. It can be held up.
struct Script {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> calls;
  bool held = false;
  base::Status apply, commit;
  connector::ApplyResult result;

  void Hold(bool hold) {
    std::lock_guard lock(mutex);
    held = hold;
    changed.notify_all();
  }
  void Call(std::string call) {
    std::unique_lock lock(mutex);
    calls.push_back(std::move(call));
    changed.notify_all();
    changed.wait(lock, [&] { return !held; });
  }
  void WaitForCalls(size_t count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return calls.size() >= count; });
  }
};

class ScriptedApplier : public connector::ChangeApplier {
 public:
  explicit ScriptedApplier(Script& script) : script_(script) {}
  base::StatusOr<connector::ApplyResult> Apply(const connector::ChangeSegment& segment,
                                               connector::ApplyMode mode) override {
    script_.Call(fmt::format("apply {} {}", segment.tables.size(),
                             mode == connector::ApplyMode::kStrict ? "strict" : "idempotent"));
    if (!script_.apply.ok()) return script_.apply;
    return script_.result;
  }
  base::Status CommitPart(const connector::OpenGroup& group, int part) override {
    script_.Call(fmt::format("commit part {} of {} of {}", part, group.parts, group.upto.text));
    return script_.commit;
  }
  base::Status Commit(const model::Position& position, int64_t) override {
    script_.Call("commit " + position.text);
    return script_.commit;
  }
  void Rollback() override { script_.Call("rollback"); }
  void Cancel() override {}

 private:
  Script& script_;
};

// A group of segments with 1, 2, ... tables, that ends at `position`.
ChangeGroup Group(std::string position, size_t segments = 1) {
  ChangeGroup group;
  for (size_t i = 1; i <= segments; ++i) group.segments.emplace_back().tables.resize(i);
  group.position.text = std::move(position);
  group.transactions = 1;
  group.rows = 10;
  return group;
}

class GroupWriterTest : public ::testing::Test {
 protected:
  Script script_;
  Progress progress_;
  static std::vector<std::unique_ptr<connector::ChangeApplier>> Appliers(Script& script,
                                                                         size_t count) {
    std::vector<std::unique_ptr<connector::ChangeApplier>> appliers;
    for (size_t i = 0; i < count; ++i) {
      appliers.push_back(std::make_unique<ScriptedApplier>(script));
    }
    return appliers;
  }

  std::atomic<int> told_ = 0;
  GroupWriter writer_{Appliers(script_, 1), progress_, [this] { ++told_; }};
};

TEST_F(GroupWriterTest, WritesSegmentsInOrderThenCommits) {
  ChangeGroup second = Group("2");
  second.mode = connector::ApplyMode::kIdempotent;
  EXPECT_TRUE(writer_.Put(Group("1", 3)).ok());
  EXPECT_TRUE(writer_.Put(std::move(second)).ok());
  EXPECT_TRUE(writer_.Drain().ok());
  EXPECT_TRUE(writer_.idle());
  EXPECT_THAT(script_.calls, ElementsAre("apply 1 strict", "apply 2 strict", "apply 3 strict",
                                         "commit 1", "apply 1 idempotent", "commit 2"));
  EXPECT_EQ(progress_.groups, 2u);
  EXPECT_EQ(progress_.transactions, 2u);
  EXPECT_EQ(progress_.row_changes, 20u);
  EXPECT_EQ(progress_.applied().text, "2");
}

TEST_F(GroupWriterTest, APieceIsNotCommitted) {
  EXPECT_TRUE(writer_.Put(Group("")).ok());
  EXPECT_TRUE(writer_.Put(Group("")).ok());
  EXPECT_TRUE(writer_.Drain().ok());
  EXPECT_EQ(progress_.groups, 0u);
  EXPECT_TRUE(progress_.applied().empty());
  EXPECT_TRUE(writer_.Put(Group("5", 0)).ok());
  EXPECT_TRUE(writer_.Drain().ok());
  EXPECT_THAT(script_.calls, ElementsAre("apply 1 strict", "apply 1 strict", "commit 5"));
}

TEST_F(GroupWriterTest, OneGroupIsWrittenWhileTheNextWaits) {
  script_.Hold(true);
  EXPECT_TRUE(writer_.Put(Group("1")).ok());
  script_.WaitForCalls(1);
  EXPECT_FALSE(writer_.idle());
  std::future<base::Status> second =
      std::async(std::launch::async, [&] { return writer_.Put(Group("2")); });
  EXPECT_EQ(second.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  script_.Hold(false);
  EXPECT_TRUE(second.get().ok());
  EXPECT_TRUE(writer_.Drain().ok());
  EXPECT_EQ(progress_.applied().text, "2");
}

TEST_F(GroupWriterTest, TellsOfEachGroupWhenItIsThrough) {
  std::promise<bool> idle;
  GroupWriter* told = nullptr;
  GroupWriter writer(Appliers(script_, 1), progress_, [&] { idle.set_value(told->idle()); });
  told = &writer;
  EXPECT_TRUE(writer.Put(Group("1")).ok());
  EXPECT_TRUE(idle.get_future().get());
  EXPECT_EQ(progress_.applied().text, "1");
}

TEST_F(GroupWriterTest, OfATableThatHasGoneItSaysWhereAndWhatToDo) {
  EXPECT_TRUE(writer_.Put(Group("7")).ok());
  EXPECT_TRUE(writer_.Drain().ok());
  script_.apply = base::NotFound("target: no table shop.t");
  EXPECT_TRUE(writer_.Put(Group("9")).ok());
  const base::Status status = writer_.Drain();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(
      std::string(status.message()),
      AllOf(HasSubstr("no table shop.t, while the changes after 7 "), HasSubstr("--restart")));
}

TEST_F(GroupWriterTest, AFailureIsToldToo) {
  script_.apply = base::Unavailable("the target is away");
  EXPECT_TRUE(writer_.Put(Group("1")).ok());
  while (told_ == 0) std::this_thread::yield();
  EXPECT_TRUE(absl::IsUnavailable(writer_.status()));
}

TEST_F(GroupWriterTest, AFailedGroupIsRolledBackAndNothingFollows) {
  script_.apply = base::Unavailable("the target is away");
  EXPECT_TRUE(writer_.Put(Group("1")).ok());
  const base::Status drained = writer_.Drain();
  EXPECT_TRUE(absl::IsUnavailable(drained)) << drained;
  EXPECT_EQ(writer_.Put(Group("2")), drained);
  EXPECT_EQ(writer_.status(), drained);
  EXPECT_THAT(script_.calls, ElementsAre("apply 1 strict", "rollback"));
  EXPECT_EQ(progress_.groups, 0u);
}

TEST_F(GroupWriterTest, AGroupWhoseCommitFailedDoesNotCount) {
  script_.commit = base::Aborted("another run has taken over");
  EXPECT_TRUE(writer_.Put(Group("1")).ok());
  EXPECT_TRUE(absl::IsAborted(writer_.Drain()));
  EXPECT_EQ(progress_.groups, 0u);
  EXPECT_EQ(progress_.transactions, 0u);
  EXPECT_TRUE(progress_.applied().empty());
}

TEST_F(GroupWriterTest, WhoeverWaitsLearnsOfTheFailure) {
  script_.Hold(true);
  script_.apply = base::FailedPrecondition("no such table");
  EXPECT_TRUE(writer_.Put(Group("1")).ok());
  script_.WaitForCalls(1);
  std::future<base::Status> second =
      std::async(std::launch::async, [&] { return writer_.Put(Group("2")); });
  script_.Hold(false);
  EXPECT_TRUE(absl::IsFailedPrecondition(second.get()));
}

TEST_F(GroupWriterTest, DriftIsCountedAndTold) {
  script_.result.drifted_rows = 2;
  script_.result.drift = "shop.t: a row to be deleted was not there";
  EXPECT_TRUE(writer_.Put(Group("1")).ok());
  EXPECT_TRUE(writer_.Drain().ok());
  EXPECT_EQ(progress_.drifted_rows, 2u);
  const auto [count, notes] = progress_.NotesAfter(0);
  ASSERT_EQ(count, 1u);
  EXPECT_THAT(notes[0], ::testing::HasSubstr("a row to be deleted was not there"));
}

// A group of which an earlier run has written part 1 of 2.
ChangeGroup BegunGroup() {
  auto table = std::make_shared<model::Table>();
  table->name = {"shop", "t"};
  ChangeGroup group = Group("9");
  group.segments[0].tables[0].table = table;
  group.begun = {
      .upto = {"9"}, .parts = 2, .division = FingerprintOfDivision(group.segments), .done = {1}};
  return group;
}

TEST_F(GroupWriterTest, OnlyTheMissingPartsOfABegunGroupAreWritten) {
  EXPECT_TRUE(writer_.Put(BegunGroup()).ok());
  EXPECT_TRUE(writer_.Drain().ok());
  EXPECT_EQ(script_.calls.back(), "commit 9");
  EXPECT_THAT(script_.calls, ::testing::Contains("commit part 0 of 2 of 9"));
  EXPECT_THAT(script_.calls, ::testing::Not(::testing::Contains("commit part 1 of 2 of 9")));
}

TEST_F(GroupWriterTest, ABegunGroupThatWouldBeDividedOtherwiseIsRefused) {
  ChangeGroup group = BegunGroup();
  ++group.begun->division;
  EXPECT_TRUE(writer_.Put(std::move(group)).ok());
  const base::Status drained = writer_.Drain();
  EXPECT_TRUE(absl::IsFailedPrecondition(drained)) << drained;
  EXPECT_THAT(drained.message(), ::testing::HasSubstr("the group is about shop.t"));
  EXPECT_THAT(script_.calls, ::testing::IsEmpty());
}

}  // namespace
}  // namespace godwit::pipeline
