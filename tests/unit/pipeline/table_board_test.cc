#include "pipeline/table_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/latency_histogram.h"

namespace godwit::pipeline {
namespace {

using connector::TableStage;
using connector::TableState;
using model::TableName;

std::map<TableName, TableState> States(const std::vector<std::string>& names, TableStage stage,
                                       size_t ranges = 0) {
  std::map<TableName, TableState> states;
  for (const std::string& name : names) {
    TableState& state = states[{"shop", name}];
    state.name = {"shop", name};
    state.stage = stage;
    state.ranges.resize(ranges);
  }
  return states;
}

TableBoard::Table Of(const TableBoard& board, const std::string& name) {
  TableBoard::Table found;
  board.ForEach([&](const TableName& one, const TableBoard::Table& table) {
    if (one.table == name) found = table;
  });
  return found;
}

std::vector<std::string> Names(const std::vector<TableBoard::Named>& list) {
  std::vector<std::string> names;
  for (const auto& [name, table] : list) names.push_back(name.table);
  return names;
}

connector::ChangeSegment Inserts(const std::string& table, size_t rows) {
  auto definition = std::make_shared<model::Table>();
  definition->name = {"shop", table};
  connector::ChangeSegment segment;
  segment.tables.emplace_back().table = definition;
  segment.tables.back().inserts.resize(rows);
  return segment;
}

TEST(TableBoard, CountsWhatIsCopiedOverWhatEarlierRunsHave) {
  std::map<TableName, TableState> states = States({"t"}, TableStage::kCopying, 3);
  states.begin()->second.ranges[0].done = true;
  states.begin()->second.ranges[0].rows = 10;
  TableBoard board;
  board.Reset(states);
  board.Estimate({"shop", "t"}, 100);
  board.Copied({"shop", "t"}, 5, 50, true);
  board.Copied({"shop", "gone"}, 1, 1, true);
  TableBoard::Table table = Of(board, "t");
  EXPECT_EQ(table.ranges, 3);
  EXPECT_EQ(table.ranges_done, 2);
  EXPECT_EQ(table.rows, 15);
  EXPECT_EQ(table.rows_of_run, 5);
  EXPECT_EQ(table.bytes_of_run, 50);
  EXPECT_EQ(table.rows_estimate, 100);

  // The state forgets the ranges of a table that is copied, and what was counted stays.
  board.Put(States({"t"}, TableStage::kCopied).begin()->second);
  board.Applied({Inserts("t", 4), Inserts("other", 9)});
  table = Of(board, "t");
  EXPECT_EQ(table.stage, TableStage::kCopied);
  EXPECT_EQ(table.rows, 15);
  EXPECT_EQ(table.changes, 4);
}

TEST(TableBoard, AnErrorStaysUntilTheWorkIsTakenUpAgain) {
  TableBoard board;
  const auto states = States({"a", "b"}, TableStage::kStreaming);
  board.Reset(states);
  const uint64_t before = board.version();
  board.Failed({"shop", "b"}, "it is full");
  EXPECT_GT(board.version(), before);
  EXPECT_EQ(Of(board, "b").error, "it is full");
  EXPECT_EQ(Of(board, "a").error, "");
  board.Reset(states);
  EXPECT_EQ(Of(board, "b").error, "");
}

TEST(TableBoard, IsReadAPageAtATime) {
  TableBoard board;
  board.Reset(States({"a", "b", "c", "d"}, TableStage::kStreaming));
  const auto any = [](const TableBoard::Table&) { return true; };
  EXPECT_THAT(Names(board.List({}, 2, any)), testing::ElementsAre("a", "b"));
  EXPECT_THAT(Names(board.List({"shop", "b"}, 2, any)), testing::ElementsAre("c", "d"));
  EXPECT_THAT(Names(board.List({"shop", "d"}, 2, any)), testing::IsEmpty());
  board.Failed({"shop", "c"}, "x");
  EXPECT_THAT(Names(board.List({}, 2, [](const auto& table) { return !table.error.empty(); })),
              testing::ElementsAre("c"));
  TableState gone;
  gone.name = {"shop", "c"};
  gone.stage = TableStage::kRemoved;
  board.Put(gone);
  EXPECT_FALSE(board.Has({"shop", "c"}));
  EXPECT_TRUE(board.Has({"shop", "d"}));
}

TEST(TableBoard, SoManyHaveSeriesOfTheirOwnAndKeepThem) {
  std::vector<std::string> names;
  for (size_t i = 0; i < TableBoard::kMostSeries + 5; ++i)
    names.push_back(std::to_string(1000 + i));
  TableBoard board;
  board.Reset(States(names, TableStage::kCopying, 1));
  for (auto name = names.rbegin(); name != names.rend(); ++name)
    board.Copied({"shop", *name}, 1, 1, false);
  size_t series = 0;
  board.ForEach([&](const auto&, const auto& table) { series += table.has_series ? 1 : 0; });
  EXPECT_EQ(series, TableBoard::kMostSeries);
  EXPECT_TRUE(Of(board, names.back()).has_series);
  EXPECT_FALSE(Of(board, names.front()).has_series);
  board.Copied({"shop", names.front()}, 1000, 1, false);
  EXPECT_FALSE(Of(board, names.front()).has_series);
}

TEST(LatencyHistogram, PutsEachTimeIntoItsBucket) {
  LatencyHistogram histogram;
  histogram.Add(std::chrono::milliseconds(5));
  histogram.Add(std::chrono::milliseconds(6));
  histogram.Add(std::chrono::minutes(1));
  const LatencyHistogram::Figures figures = histogram.Read();
  EXPECT_EQ(figures.counts.front(), 1);
  EXPECT_EQ(figures.counts[1], 1);
  EXPECT_EQ(figures.counts.back(), 1);
  EXPECT_DOUBLE_EQ(figures.seconds, 60.011);
}

}  // namespace
}  // namespace godwit::pipeline
