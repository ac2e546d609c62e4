#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/catalog.h"
#include "model/position.h"
#include "model/table.h"

namespace godwit::connector {

// How rows of a copy are written down between reader and writer.
enum class RowFormat : uint8_t {
  kMysqlLoadText,  // what LOAD DATA reads by default: tab, newline, backslash escapes, \N for NULL
  kPostgresCopyText,  // what COPY writes and reads by default, which has other escapes
  // The same, or what COPY ... (FORMAT binary) writes and reads, from header to end for each chunk:
  // as its first bytes tell, which no text has. Blocks may be cut within rows.
  kPostgresCopyBinary,
};

// A stretch of a table in the order of its row identity. Keys are in the source connector's own
// notation; an empty `after` means from the first row, an empty `upto` to the last.
struct KeyRange {
  std::string after;  // exclusive
  std::string upto;   // inclusive
};

// A row that the format of its block's bytes cannot say all of, as SQL: the values of an INSERT,
// "(17,'text',JSON_ARRAY(1.50))".
struct RowTuple {
  std::string sql;
  uint64_t expected_warnings = 0;
};

// A run of whole rows: most in `bytes`, and those that their text would lose something of (values
// in MySQL's JSON documents) in `tuples`. Among the rows of one chunk no order matters.
struct RowBlock {
  std::string bytes;
  uint64_t rows = 0;               // in `bytes`
  uint64_t expected_warnings = 0;  // that a right write of them makes the target raise
  std::vector<RowTuple> tuples;

  // What it takes, for who bounds that.
  size_t size() const {
    size_t all = bytes.size();
    for (const RowTuple& tuple : tuples) all += tuple.sql.size();
    return all;
  }
};

// Takes the blocks of a chunk in order. False: the taker has gone, stop reading.
class RowBlockSink {
 public:
  virtual ~RowBlockSink() = default;
  virtual bool Put(RowBlock block) = 0;

  // Before rows of 16 MiB and more are received, of which there may be memory for one only:
  // waits until few enough other chunks have any, but not for long once rows have been put. The
  // turn ends with the chunk. False: the chunk is not wanted any more.
  virtual bool AwaitTurn() { return true; }
  // Waits until what has been put is written.
  virtual bool AwaitWritten() { return true; }
};

// Gives the blocks of a chunk in order, and nothing at its end; the reader's error if it failed.
class RowBlockSource {
 public:
  virtual ~RowBlockSource() = default;
  virtual base::StatusOr<std::optional<RowBlock>> Take() = 0;
};

enum class ChunkOutcome : uint8_t {
  kMore,          // rows remain after `cursor`
  kRangeDone,     // the range has been read to its end
  kTableChanged,  // the table's definition is not the one asked for; nothing of the chunk counts
  kTableGone,     // the table does not exist
};

// What is known of a chunk when its last row has been read.
struct ChunkEnd {
  ChunkOutcome outcome = ChunkOutcome::kMore;
  model::Position low, high;  // the snapshot token: equal when exact
  // How long the source could not be written to for the snapshot; 0: no lock was needed.
  std::chrono::microseconds locked{0};
  std::string cursor;  // the key of the last row read
  uint64_t rows = 0;
  uint64_t bytes = 0;
};

// Reads chunks, each in a short consistent snapshot of its own. One thread; holds one connection.
class ChunkReader {
 public:
  virtual ~ChunkReader() = default;

  // Reads about `byte_limit` bytes of `range`, in key order, into `sink`; without a limit all of
  // it, under an exact token, as is any table with no row identity. kUnavailable: the connection
  // was lost, the chunk is void and the next call reconnects.
  virtual base::StatusOr<ChunkEnd> Read(const TableDefinition& table, const KeyRange& range,
                                        std::optional<uint64_t> byte_limit, RowBlockSink& sink) = 0;

  // Between these two, all reads are of `tables`, of one snapshot, and have one token, which is
  // exact. kUnavailable from a Read in between: the snapshot was lost with its connection.
  // kNotFound: one of the tables does not exist.
  virtual base::Status HoldSnapshot(const std::vector<model::TableName>& tables) = 0;
  virtual base::Status ReleaseSnapshot() = 0;

  // Ends a Read that is waiting for the server; it returns kCancelled. From any thread.
  virtual void Cancel() = 0;
};

// What a committed chunk leaves in the task's state.
struct ChunkRecord {
  model::TableName table;
  int range = 0;
  ChunkEnd end;
};

// What a chunk comes to on the target.
struct ChunkPlace {
  // The table is of the task's making, no chunk of it is in, and none is written at the same time.
  bool new_table = false;
  uint64_t table_bytes = 0;  // of all chunks of the table, as the source estimates them
};

// Writes chunks. One thread; holds one connection.
class ChunkWriter {
 public:
  virtual ~ChunkWriter() = default;

  // Writes one chunk's rows; not durable, and not visible to others, before Commit. Any row that
  // the target took differently from what was sent is an error naming it (R7).
  virtual base::Status Write(const model::TablePtr& table, ChunkPlace place,
                             RowBlockSource& blocks) = 0;

  // Commits rows and record together, if the epoch still holds (R3, R4); kAborted if not.
  virtual base::Status Commit(const ChunkRecord& record) = 0;

  // Drops what was written since the last Commit.
  virtual void Rollback() = 0;
  virtual void Cancel() = 0;
};

}  // namespace godwit::connector
