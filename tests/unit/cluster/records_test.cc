#include "cluster/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster/keys.h"

namespace godwit::cluster {
namespace {

using testing::HasSubstr;

template <typename Record>
void ExpectBack(const Record& record) {
  const auto back = FromJson<Record>("key", ToJson(record));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, record);
}

TEST(Keys, AreTakenApartAsTheyWereMade) {
  const auto expect = [](const std::string& text, Key::Kind kind, std::string_view name,
                         std::string_view task = "") {
    const Key key = ParseKey(text);
    EXPECT_EQ(key.kind, kind) << text;
    EXPECT_EQ(key.name, name) << text;
    EXPECT_EQ(key.task, task) << text;
  };
  expect(SourceKey("a"), Key::Kind::kSource, "a");
  expect(TaskKey("t"), Key::Kind::kTask, "t");
  expect(SubtaskKey("a", "t"), Key::Kind::kSubtask, "a", "t");
  expect(RelayStageKey("a"), Key::Kind::kRelayStage, "a");
  expect(SubtaskStageKey("a", "t"), Key::Kind::kSubtaskStage, "a", "t");
  expect(WorkerKey("w"), Key::Kind::kWorker, "w");
  expect(AliveKey("w"), Key::Kind::kAlive, "w");
  expect(BoundKey("a"), Key::Kind::kBound, "a");
  expect(HeldKey("a"), Key::Kind::kHeld, "a");
  for (const char* other : {"", "source/", "source/a/b", "subtask/a", "subtask/a/", "subtask//t",
                            "subtask/a/t/x", "ddl/t/x", "leader/x"}) {
    EXPECT_EQ(ParseKey(other).kind, Key::Kind::kOther) << other;
  }
}

TEST(Keys, OfNamesThatCannotBeAreRefused) {
  EXPECT_TRUE(CheckName("a source", "shop-1").ok());
  EXPECT_THAT(std::string(CheckName("a source", "").message()), HasSubstr("a source has no name"));
  EXPECT_THAT(std::string(CheckName("a task", "a/b").message()), HasSubstr("without a slash"));
  EXPECT_FALSE(CheckName("a task", std::string(200, 'x')).ok());
}

TEST(Records, AreReadAsTheyWereWritten) {
  ExpectBack(LeaderRecord{"m1", "10.0.0.1:1"});
  ExpectBack(SourceRecord{"url: \"x\"\n# ä\n", false});
  ExpectBack(TaskRecord{"mode: migrate\n", {"a", "b"}});
  ExpectBack(SubtaskRecord{"{}"});
  ExpectBack(ExpectedStage{Stage::kPaused});
  ExpectBack(WorkerRecord{"10.0.0.2:2", "0.1.0", 4});
  ExpectBack(Binding{"w", 7, 12, "v"});
  ExpectBack(Held{"w", 12});
}

TEST(Records, PassOverFieldsThatAreNotKnown) {
  const auto worker =
      FromJson<WorkerRecord>("k", R"({"address": "a", "version": "2", "zone": {"name": "x"}})");
  ASSERT_TRUE(worker.ok());
  EXPECT_EQ(*worker, (WorkerRecord{"a", "2", 1}));
}

TEST(Records, SayWhichKeyCannotBeRead) {
  for (const char* bad : {"", "[]", "{}", R"({"stage": "Stopped"})", R"({"stage": "Stoned"})",
                          R"({"stage": 1})", "{\"stage\": \"\xff\"}"}) {
    const auto stage = FromJson<ExpectedStage>("stage/relay/a", bad);
    ASSERT_EQ(stage.status().code(), base::StatusCode::kDataLoss) << bad;
    EXPECT_THAT(std::string(stage.status().message()), HasSubstr("key stage/relay/a"));
  }
  EXPECT_FALSE(FromJson<WorkerRecord>("k", R"({"address":"","version":"","slots":0})").ok());
}

TEST(Stages, AreLeftAsTheTableSays) {
  using Expected = std::optional<Stage>;
  const auto order = [](Stage current, Expected expected) { return NextOrder(current, expected); };
  EXPECT_EQ(order(Stage::kNew, Stage::kRunning), StageOrder::kStart);
  EXPECT_EQ(order(Stage::kPaused, Stage::kRunning), StageOrder::kResume);
  EXPECT_EQ(order(Stage::kStopped, Stage::kRunning), StageOrder::kStart);
  EXPECT_EQ(order(Stage::kRunning, Stage::kPaused), StageOrder::kPause);
  for (const Stage current : {Stage::kRunning, Stage::kPaused, Stage::kFinished}) {
    EXPECT_EQ(order(current, std::nullopt), StageOrder::kStop);
  }
  for (const Stage current : {Stage::kNew, Stage::kPaused, Stage::kStopped, Stage::kFinished}) {
    EXPECT_EQ(order(current, Stage::kPaused), StageOrder::kNone);
  }
  EXPECT_EQ(order(Stage::kFinished, Stage::kRunning), StageOrder::kNone);
  // No order leads where the other table says that nothing leads.
  constexpr Stage kAfter[] = {Stage::kNew, Stage::kRunning, Stage::kRunning, Stage::kPaused,
                              Stage::kStopped};
  for (int current = 0; current < 5; ++current) {
    for (const Expected expected :
         {Expected(Stage::kRunning), Expected(Stage::kPaused), Expected()}) {
      const StageOrder next = NextOrder(static_cast<Stage>(current), expected);
      if (next == StageOrder::kNone) continue;
      EXPECT_TRUE(IsValidTransition(static_cast<Stage>(current), kAfter[static_cast<int>(next)]));
    }
  }
}

}  // namespace
}  // namespace godwit::cluster
