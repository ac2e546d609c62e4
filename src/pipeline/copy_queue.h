#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "connector/source.h"
#include "connector/task_state.h"
#include "pipeline/copy_order.h"
#include "pipeline/task_tables.h"

namespace godwit::pipeline {

using TableSizes = std::map<model::TableName, uint64_t>;

// Which chunk is to be read next, and what is to be done when a table's last one is in.
// Thread-safe.
//
// A range is worked on by one lane at a time, and of a table's ranges that with the fewest bytes
// copied comes next, so that they come to their ends together and all lanes have work until then.
// Lanes are spread over tables first: two connections
// that load one table get in each other's way more than two that load different ones. Of those the
// table with the most left to copy comes first, so that no big one is left for the end. A few
// whose rows are all in wait to be finished, which takes one lane each: they are what keeps the
// other lanes at work while the last chunks are read.
class CopyQueue {
 public:
  // `tables` and `source` are borrowed; while the queue is in use, only it touches the tables'
  // ranges and stages. `sizes` in bytes, as estimated; none is needed.
  CopyQueue(TaskTables& tables, const connector::Source& source, const TableSizes& sizes);

  enum class Work { kChunk, kCircle, kFinishTable, kRecopyTable, kDropTable, kNone };
  struct Item {
    Work work = Work::kNone;
    model::TableName table;
    int range = 0;
    connector::KeyRange rest;           // of the range: what is still to be read
    std::set<model::TableName> circle;  // that has to be read in one snapshot with `table`
  };
  // The next item; waits while all that is left is in other lanes' hands. kNone: nothing is left,
  // or the queue was stopped.
  Item Next();

  // The chunks that a kCircle consists of.
  std::vector<Item> ItemsOf(const Item& circle);

  // Whether the target had the table before the task.
  bool IsKept(const model::TableName& name);
  // What the lane at an item needs to know of its table.
  connector::TableDefinition Definition(const model::TableName& name);
  // The table's state with all its rows copied: its tokens put together.
  connector::TableState CopiedState(const model::TableName& name);

  // What became of an item. A chunk whose table changed or has gone makes the whole table be
  // treated anew once no other lane is at it.
  void ChunkDone(const Item& item, const connector::ChunkEnd& end);
  void TableFinished(connector::TableState state);
  // The table is to be copied again, from the start, with this definition.
  void TableReset(connector::TableState state, model::TablePtr table);

  void Stop();

 private:
  // Whose next chunk is to be taken first, or which table is to be finished first.
  struct Rank {
    int lanes;
    uint64_t bytes;  // left to copy, or copied
    model::TableName name;
    bool operator<(const Rank& other) const;
  };
  struct Table {
    uint64_t bytes_left = 0;  // as estimated
    int lanes = 0;            // at work on it
    std::vector<bool> taken;  // ranges
    bool changed = false, gone = false, finishing = false;
    std::optional<Rank> rank;  // in ready_ or copied_
  };
  Item NextLocked();
  // Puts a table of which something has changed where Next looks for it.
  void Place(const model::TableName& name);
  bool HasToWait(const model::TableName& name) const;
  // The table to be finished now, if one is.
  const Rank* NextToFinish() const;
  // The tables of a circle, once all of them can be read.
  Item NextCircle(const std::set<model::TableName>& circle);
  void Advance(const Item& item, const connector::ChunkEnd& end);

  TaskTables& tables_;
  const connector::Source& source_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<model::TableName, Table> work_;  // that is not done yet
  const std::map<model::TableName, std::set<model::TableName>>
      after_;  // tables that have to wait, and for which
  std::map<model::TableName, std::vector<model::TableName>> awaited_by_;  // the same, the other way
  const TableCircles circles_;
  // Of work_, so that a lane need not look through all tables: those that have a range for one more
  // lane, those that are to be finished, and those to be dropped or read anew.
  std::set<Rank> ready_, copied_;
  std::set<model::TableName> due_;
  bool stopped_ = false;
};

}  // namespace godwit::pipeline
