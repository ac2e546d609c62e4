#include "server/table_states.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/run_figures.h"

namespace godwit::server {
namespace {

using connector::TableStage;
using connector::TableState;
using connector::TaskPhase;

void Fill(pipeline::Progress& progress) {
  std::map<model::TableName, TableState> states;
  const auto add = [&](const char* name, TableStage stage, size_t ranges = 0) -> TableState& {
    TableState& state = states[{"a.b", name}];
    state.name = {"a.b", name};
    state.stage = stage;
    state.ranges.resize(ranges);
    return state;
  };
  add("begun", TableStage::kCopying, 2);
  add("copied", TableStage::kCopied);
  add("fitted", TableStage::kStreaming).form = connector::TargetForm::kDiffers;
  add("later", TableStage::kCreating);
  add("next", TableStage::kCopying, 4);
  add("wrong", TableStage::kStreaming);
  progress.tables.Reset(states);
  progress.tables.Copied({"a.b", "begun"}, 7, 70, true);
  progress.tables.Failed({"a.b", "wrong"}, "the disk is full");
  progress.EnterPhase(TaskPhase::kCopying);
}

TEST(TableStates, AreCountedAndWhatIsNotWellIsNamed) {
  pipeline::Progress progress;
  Fill(progress);
  TaskStatus::Tables counts = CountTables(progress);
  EXPECT_THAT(counts.by_state,
              testing::ElementsAre(testing::Pair("copied", 1), testing::Pair("copying", 1),
                                   testing::Pair("error", 1), testing::Pair("streaming", 1),
                                   testing::Pair("waiting", 2)));
  EXPECT_EQ(counts.troubled, 2);
  ASSERT_EQ(counts.not_well.size(), 2);
  EXPECT_EQ(counts.not_well[0].table, "a.b.fitted");
  EXPECT_EQ(counts.not_well[1].state, "error");
  EXPECT_EQ(counts.not_well[1].problem, "the disk is full");
  progress.EnterPhase(TaskPhase::kCatchingUp);
  EXPECT_EQ(CountTables(progress).by_state.at("catching-up"), 1);
}

TEST(TableStates, OfManyOnlyTheFirstAreNamed) {
  pipeline::Progress progress;
  std::map<model::TableName, TableState> states;
  for (int i = 0; i < 30; ++i) {
    const model::TableName name{"s", std::to_string(i)};
    states[name].name = name;
    states[name].form = connector::TargetForm::kMayLack;
  }
  progress.tables.Reset(states);
  const TaskStatus::Tables counts = CountTables(progress);
  EXPECT_EQ(counts.troubled, 30);
  EXPECT_EQ(counts.not_well.size(), TaskStatus::Tables::kMostTroubled);
}

// Also where there are dots in the names.
TEST(TableStates, AreListedPageByPage) {
  pipeline::Progress progress;
  Fill(progress);
  std::vector<std::string> names;
  Json page;
  TableQuery query{.most = 2};
  do {
    page = TablesJson(progress, query);
    for (const Json& table : page["tables"]) names.push_back(table["name"]);
    query.after = page["next"].is_string() ? page["next"].get<std::string>() : "";
  } while (!query.after.empty() && names.size() < 100);
  EXPECT_THAT(names, testing::ElementsAre("a.b.begun", "a.b.copied", "a.b.fitted", "a.b.later",
                                          "a.b.next", "a.b.wrong"));
  page = TablesJson(progress, {.state = "copying"});
  ASSERT_EQ(page["tables"].size(), 1);
  EXPECT_EQ(page["tables"][0]["ranges_done"], 1);
  EXPECT_EQ(page["tables"][0]["ranges"], 2);
  EXPECT_EQ(page["tables"][0]["rows"], 7);
  EXPECT_EQ(TablesJson(progress, {.state = "not-well"})["tables"].size(), 2);
}

TEST(TableStates, AQueryThatMakesNoSenseIsRefused) {
  EXPECT_TRUE(CheckTableQuery({}).ok());
  EXPECT_TRUE(CheckTableQuery({.state = "not-well"}).ok());
  EXPECT_THAT(std::string(CheckTableQuery({.state = "ill"}).message()),
              testing::HasSubstr("catching-up"));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckTableQuery({.most = 0})));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckTableQuery({.most = 1001})));
}

TEST(RunFigures, HaveATableForEachWithASeriesAndTheRestTogether) {
  pipeline::Progress progress;
  Fill(progress);
  progress.apply_latency.Add(std::chrono::milliseconds(20));
  progress.apply_latency.Add(std::chrono::minutes(2));
  progress.applied_commit_us = 1'500'000;
  const RunFigures figures = FiguresOf(progress);
  ASSERT_EQ(figures.tables.size(), 1);
  EXPECT_EQ(figures.tables[0].name, "a.b.begun");
  EXPECT_EQ(figures.tables[0].copied_bytes, 70);
  EXPECT_EQ(figures.others.copied_rows, 0);
  EXPECT_EQ(figures.latency_count, 2);
  EXPECT_EQ(figures.latency.back().second, 1);  // up to its bound
  EXPECT_EQ(figures.applied_commit_seconds, 1.5);
}

}  // namespace
}  // namespace godwit::server
