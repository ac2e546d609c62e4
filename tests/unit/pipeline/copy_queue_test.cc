#include "pipeline/copy_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "fakes.h"

namespace godwit::pipeline {
namespace {

using connector::ChunkEnd;
using connector::ChunkOutcome;
using connector::TableStage;
using connector::TableState;
using model::ReferenceAction;
using testing::MakeKey;
using testing::MakeTable;
using testing::PositionOf;
using Work = CopyQueue::Work;

model::TableName Name(std::string table) { return {"shop", std::move(table)}; }

ChunkEnd End(ChunkOutcome outcome, uint64_t token, std::string cursor = "", uint64_t rows = 1) {
  ChunkEnd end;
  end.outcome = outcome;
  end.low = end.high = PositionOf(token);
  end.cursor = std::move(cursor);
  end.rows = rows;
  end.bytes = 10 * rows;
  return end;
}

class CopyQueueTest : public ::testing::Test {
 protected:
  // A table with ranges (-, 1], (1, 2], ... and the last open.
  TableState& Add(const std::string& name, int ranges, TableStage stage = TableStage::kCopying) {
    model::Table table = MakeTable(name, {"id", "other"}, {0});
    if (!parent_.empty()) {
      table.foreign_keys = {
          MakeKey("other", parent_, "id", ReferenceAction::kCascade, ReferenceAction::kRestrict)};
    }
    log_.AddTable(table);
    TableState& state = states_.emplace_back();
    state.name = Name(name);
    state.stage = stage;
    state.definition = log_.definitions(0).at(Name(name));
    state.ranges.resize(static_cast<size_t>(ranges));
    for (int i = 0; i + 1 < ranges; ++i) {
      state.ranges[static_cast<size_t>(i)].range.upto = std::to_string(i + 1);
      state.ranges[static_cast<size_t>(i) + 1].range.after = std::to_string(i + 1);
    }
    return state;
  }
  CopyQueue& Queue() {
    if (!queue_) {
      tables_.emplace(*TaskTables::Make(source_, states_));
      queue_.emplace(*tables_, source_, sizes_);
    }
    return *queue_;
  }
  void Finish(const CopyQueue::Item& item) {
    Queue().TableFinished(Queue().CopiedState(item.table));
  }

  std::string parent_;  // of tables added from now on
  testing::Log log_;
  testing::FakeSource source_{log_, 1, 0};
  std::vector<TableState> states_;
  TableSizes sizes_;
  std::optional<TaskTables> tables_;
  std::optional<CopyQueue> queue_;
};

TEST_F(CopyQueueTest, NothingToCopyIsTheEnd) {
  Add("done", 1, TableStage::kStreaming);
  EXPECT_EQ(Queue().Next().work, Work::kNone);
}

TEST_F(CopyQueueTest, TheTableWithTheMostLeftComesFirst) {
  Add("a", 1);
  Add("b", 2).ranges[0] = {{"", "1"}, "1", true, 10, 900, {}, {}};
  Add("c", 1);
  sizes_ = {{Name("a"), 50}, {Name("b"), 1000}, {Name("c"), 200}};
  EXPECT_EQ(Queue().Next().table, Name("c"));
  EXPECT_EQ(Queue().Next().table, Name("b"));  // of which 900 are done
  EXPECT_EQ(Queue().Next().table, Name("a"));
}

TEST_F(CopyQueueTest, ARangeIsReadChunkByChunkThenTheTableFinished) {
  Add("t", 1);
  CopyQueue::Item item = Queue().Next();
  EXPECT_EQ(item.work, Work::kChunk);
  EXPECT_EQ(item.rest.after, "");
  Queue().ChunkDone(item, End(ChunkOutcome::kMore, 3, "m", 5));
  item = Queue().Next();
  EXPECT_EQ(item.work, Work::kChunk);
  EXPECT_EQ(item.rest.after, "m");
  Queue().ChunkDone(item, End(ChunkOutcome::kRangeDone, 7, "z", 2));
  item = Queue().Next();
  EXPECT_EQ(item.work, Work::kFinishTable);
  const TableState state = Queue().CopiedState(item.table);
  EXPECT_EQ(state.stage, TableStage::kCopied);
  EXPECT_EQ(state.low, PositionOf(3));
  EXPECT_EQ(state.high, PositionOf(7));
  EXPECT_EQ(state.ranges[0].rows, 7u);
  EXPECT_EQ(state.ranges[0].bytes, 70u);
  Queue().TableFinished(state);
  EXPECT_EQ(Queue().Next().work, Work::kNone);
  EXPECT_EQ(tables_->states().at(Name("t")).stage, TableStage::kCopied);
}

TEST_F(CopyQueueTest, TablesAreFinishedBesideTheLastChunks) {
  Add("a", 1);
  Add("b", 1);
  Add("c", 2);
  sizes_ = {{Name("a"), 300}, {Name("b"), 200}, {Name("c"), 100}};
  Queue().ChunkDone(Queue().Next(), End(ChunkOutcome::kRangeDone, 1, "z", 10));
  Queue().ChunkDone(Queue().Next(), End(ChunkOutcome::kRangeDone, 1, "z", 20));
  const CopyQueue::Item chunk = Queue().Next();
  EXPECT_EQ(chunk.table, Name("c"));
  // One lane is at it: another has more of finishing the others, the largest first.
  CopyQueue::Item item = Queue().Next();
  EXPECT_EQ(item.work, Work::kFinishTable);
  EXPECT_EQ(item.table, Name("b"));
  Queue().ChunkDone(chunk, End(ChunkOutcome::kRangeDone, 1, "1"));
  EXPECT_EQ(Queue().Next().table, Name("c"));  // its other range
  EXPECT_EQ(Queue().Next().table, Name("a"));
}

TEST_F(CopyQueueTest, AFewTablesAtMostWaitToBeFinished) {
  for (int i = 0; i < 20; ++i) Add("t" + std::to_string(10 + i), 1);
  for (int i = 0; i < 9; ++i) {
    const CopyQueue::Item item = Queue().Next();
    ASSERT_EQ(item.work, Work::kChunk) << i;
    Queue().ChunkDone(item, End(ChunkOutcome::kRangeDone, 1));
  }
  EXPECT_EQ(Queue().Next().work, Work::kFinishTable);
  EXPECT_EQ(Queue().Next().work, Work::kChunk);
}

TEST_F(CopyQueueTest, LanesSpreadOverTablesFirst) {
  Add("a", 3);
  Add("b", 2);
  const CopyQueue::Item first = Queue().Next(), second = Queue().Next();
  EXPECT_NE(first.table, second.table);
  const CopyQueue::Item third = Queue().Next(), fourth = Queue().Next();
  EXPECT_NE(third.table, fourth.table);
  EXPECT_EQ(Queue().Next().table, Name("a"));  // the only range that nobody has
}

TEST_F(CopyQueueTest, NoRangeIsGivenTwice) {
  Add("a", 4);
  std::set<int> ranges;
  for (int i = 0; i < 4; ++i) ranges.insert(Queue().Next().range);
  EXPECT_EQ(ranges.size(), 4u);
}

TEST_F(CopyQueueTest, WhatAnEarlierRunCopiedStays) {
  TableState& state = Add("a", 3);
  state.ranges[0].done = true;
  state.ranges[0].low = state.ranges[0].high = PositionOf(2);
  state.ranges[1].cursor = "1x";
  state.ranges[1].low = state.ranges[1].high = PositionOf(4);
  const CopyQueue::Item item = Queue().Next(), other = Queue().Next();
  EXPECT_EQ(item.range, 1);
  EXPECT_EQ(item.rest.after, "1x");
  EXPECT_EQ(item.rest.upto, "2");
  EXPECT_EQ(other.range, 2);
  Queue().ChunkDone(item, End(ChunkOutcome::kRangeDone, 9));
  Queue().ChunkDone(other, End(ChunkOutcome::kRangeDone, 10));
  const TableState copied = Queue().CopiedState(Name("a"));
  EXPECT_EQ(copied.low, PositionOf(2));
  EXPECT_EQ(copied.high, PositionOf(10));  // 10 after 9: not by text
  EXPECT_EQ(copied.ranges[1].low, PositionOf(4));
}

TEST_F(CopyQueueTest, AnEmptyChunkKeepsTheCursor) {
  Add("a", 1);
  Queue().ChunkDone(Queue().Next(), End(ChunkOutcome::kMore, 1, "m"));
  Queue().ChunkDone(Queue().Next(), End(ChunkOutcome::kRangeDone, 2, "", 0));
  EXPECT_EQ(tables_->states().at(Name("a")).ranges[0].cursor, "m");
}

TEST_F(CopyQueueTest, OtherLanesWaitUntilTheLastChunkIsIn) {
  Add("a", 1);
  const CopyQueue::Item chunk = Queue().Next();
  std::future<CopyQueue::Item> waiting =
      std::async(std::launch::async, [&] { return Queue().Next(); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  Queue().ChunkDone(chunk, End(ChunkOutcome::kRangeDone, 1));
  const CopyQueue::Item item = waiting.get();
  EXPECT_EQ(item.work, Work::kFinishTable);
  std::future<CopyQueue::Item> last =
      std::async(std::launch::async, [&] { return Queue().Next(); });
  EXPECT_EQ(last.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  Finish(item);
  EXPECT_EQ(last.get().work, Work::kNone);
}

TEST_F(CopyQueueTest, StoppingWakesWhoeverWaits) {
  Add("a", 1);
  const CopyQueue::Item chunk = Queue().Next();
  std::future<CopyQueue::Item> waiting =
      std::async(std::launch::async, [&] { return Queue().Next(); });
  Queue().Stop();
  EXPECT_EQ(waiting.get().work, Work::kNone);
  Queue().ChunkDone(chunk, End(ChunkOutcome::kRangeDone, 1));
  EXPECT_EQ(Queue().Next().work, Work::kNone);
}

TEST_F(CopyQueueTest, AChangedTableIsCopiedAgainOnceNoLaneIsAtIt) {
  Add("a", 2);
  const CopyQueue::Item first = Queue().Next(), second = Queue().Next();
  Queue().ChunkDone(first, End(ChunkOutcome::kTableChanged, 5));
  std::future<CopyQueue::Item> waiting =
      std::async(std::launch::async, [&] { return Queue().Next(); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  Queue().ChunkDone(second, End(ChunkOutcome::kRangeDone, 4, "z"));
  const CopyQueue::Item again = waiting.get();
  ASSERT_EQ(again.work, Work::kRecopyTable);
  TableState fresh = states_[0];
  fresh.definition = states_[0].definition;
  Queue().TableReset(fresh, Queue().Definition(Name("a")).table);
  const CopyQueue::Item item = Queue().Next();
  EXPECT_EQ(item.work, Work::kChunk);
  EXPECT_EQ(item.rest.after, "");
}

TEST_F(CopyQueueTest, AGoneTableIsDropped) {
  Add("a", 1);
  Queue().ChunkDone(Queue().Next(), End(ChunkOutcome::kTableGone, 5));
  const CopyQueue::Item item = Queue().Next();
  EXPECT_EQ(item.work, Work::kDropTable);
  TableState dropped;
  dropped.name = item.table;
  dropped.stage = TableStage::kDropped;
  Queue().TableFinished(dropped);
  EXPECT_EQ(Queue().Next().work, Work::kNone);
}

TEST_F(CopyQueueTest, ChildrenWaitForParentsThatMayLoseRows) {
  Add("customer", 1, TableStage::kStreaming);
  parent_ = "customer";
  Add("orders", 1);
  parent_ = "orders";
  Add("line", 1);
  const CopyQueue::Item parents = Queue().Next();
  EXPECT_EQ(parents.table, Name("orders"));
  std::future<CopyQueue::Item> waiting =
      std::async(std::launch::async, [&] { return Queue().Next(); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  Queue().ChunkDone(parents, End(ChunkOutcome::kRangeDone, 1));
  const CopyQueue::Item finish = waiting.get();
  EXPECT_EQ(finish.work, Work::kFinishTable);
  EXPECT_EQ(finish.table, Name("orders"));
  Finish(finish);
  EXPECT_EQ(Queue().Next().table, Name("line"));
}

// Many lanes at once: every chunk is read once, and every table finished once.
TEST_F(CopyQueueTest, ManyLanesShareTheWork) {
  for (int t = 0; t < 5; ++t) Add("t" + std::to_string(t), 4);
  Queue();
  std::mutex mutex;
  std::map<std::pair<model::TableName, int>, int> chunks;
  std::map<model::TableName, int> finished;
  std::vector<std::jthread> lanes;
  lanes.reserve(8);
  for (int lane = 0; lane < 8; ++lane) {
    lanes.emplace_back([&] {
      for (CopyQueue::Item item = Queue().Next(); item.work != Work::kNone; item = Queue().Next()) {
        std::unique_lock lock(mutex);
        if (item.work == Work::kFinishTable) {
          ++finished[item.table];
          lock.unlock();
          Finish(item);
          continue;
        }
        const int count = ++chunks[{item.table, item.range}];
        lock.unlock();
        Queue().ChunkDone(item, End(count < 3 ? ChunkOutcome::kMore : ChunkOutcome::kRangeDone, 1,
                                    std::to_string(count)));
      }
    });
  }
  lanes.clear();
  EXPECT_EQ(chunks.size(), 20u);
  for (const auto& [range, count] : chunks) EXPECT_EQ(count, 3);
  EXPECT_EQ(finished.size(), 5u);
  for (const auto& [name, count] : finished) EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace godwit::pipeline
