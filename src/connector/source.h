#pragma once

#include <chrono>
#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/catalog.h"
#include "connector/check.h"
#include "connector/chunk.h"
#include "connector/large_objects.h"
#include "connector/row_reader.h"
#include "connector/value_rules.h"
#include "model/change.h"

namespace godwit::connector {

// A table that a change stream is to decode.
struct TrackedTable {
  model::TableName name;
  std::string
      definition;  // as in TableDefinition::statement; empty: the table does not exist at `from`
  model::Position from;  // what the log says of the table before this is left out
  model::Position upto;  // the target's rows may be of moments up to this
  // What it is in an online schema change; of kSetAside and kDropHeld `definition` is the target's.
  model::DdlChange::Place place = model::DdlChange::Place::kTarget;
  std::vector<std::pair<std::string, std::string>> renamed_columns;  // of kShadow
};

// What a change stream needs to know to start.
struct StreamStart {
  model::Position after;  // the first event delivered is the one after this
  std::vector<TrackedTable>
      tables;  // with the definitions in force at `after`, or at their own `from`
  TableFilter filter;
  // Whose SQL the statements delivered are to be in (Destination::Dialect); empty: the source's
  // own.
  std::string target_dialect;
  // At `after`, of the task's databases (ReadSchemaDefaults).
  std::vector<model::SchemaDefault> schemas;
  // Where the catalogue was read that the task began with: what the log says before that of a table
  // that is not known is of one that was gone by then. Empty: every table is known.
  model::Position catalog_read;
};

// What a source keeps of its log for a task, and nobody else may need.
struct LogHold {
  std::string name;             // of the replication slot
  uint64_t retained_bytes = 0;  // of log that is kept, for it or for one behind it
  // Bytes more that the server lets it keep before it gives it up; nothing: it sets no limit.
  std::optional<uint64_t> bytes_left;
  bool in_use = false;  // a stream reads it
  bool lost = false;    // the server has given it up: its changes are not to be had any more
  bool operator==(const LogHold&) const = default;
};

// What a task has of a source's log, and of which server.
struct LogNeed {
  std::string server;    // whose log it is (SettledServer); empty: not known
  model::Position from;  // what comes after this is needed; empty: nothing has been read
  // The task goes on from there wherever that is; false: on another server it begins anew.
  bool needs_log = true;
};

// Of a task that is to be checked.
inline LogNeed NeedOf(const CheckScope& scope) {
  if (scope.finished) return {};
  return {scope.resume_server, scope.resume_at, scope.resume_needs_log};
}

// The server that is read.
struct SettledServer {
  std::string identity;  // as it is kept with the task's state; empty: it cannot be told
  std::string address;   // for people
  bool moved = false;    // it is not the one that was asked for
  // Where the task goes on there. Where it has moved: a place of which it is known that nothing is
  // missing before it, nor applied again after it.
  model::Position from;
  bool places_hold = true;  // other positions of the earlier server are the same places there
};

// What is to be checked of it there: where a task begins anew it needs nothing of the log yet.
inline CheckScope ScopeAt(const SettledServer& server, const CheckScope& scope) {
  CheckScope there = scope;
  if (server.moved) there.resume_at = scope.resume_needs_log ? server.from : model::Position{};
  return there;
}

// Delivers the source's changes in commit order, each once per opening. One thread calls Next.
class ChangeStream {
 public:
  virtual ~ChangeStream() = default;

  // The next events, whole transactions not guaranteed; null when nothing came within `wait`.
  // kUnavailable: the connection was lost: open a new stream after the last position applied.
  // kFailedPrecondition: the log holds something that cannot be carried over; says what and where.
  virtual base::StatusOr<std::unique_ptr<model::ChangeBatch>> Next(
      std::chrono::milliseconds wait) = 0;

  // Whether what comes next is a change of 16 MiB or more, or may be one, as the one before it was.
  // Next returns before it takes one in, so that a caller can make room.
  virtual bool large_is_next() const { return false; }

  // All up to `position` is on the target for good: the source need not keep its log for it. From
  // any thread.
  virtual void Applied(const model::Position& /*position*/) {}

  virtual void Cancel() = 0;
};

// A database that is read. Calls that take no lock of their own may come from any thread; each
// opened reader and stream has its own connection.
class Source {
 public:
  virtual ~Source() = default;

  // Chooses the server that all connections lead to from here on, until the next call: of those
  // that the source's url names or leads to, the first one that can be reached and has what is
  // needed, beginning with the one that was read last. Nobody else may use the source meanwhile,
  // but for ReadLogHold. kUnavailable: none of them, and that may pass. kFailedPrecondition: what
  // is there is not the source's, or lacks what is needed; says what to do.
  virtual base::StatusOr<SettledServer> Settle(const LogNeed& need) {
    return SettledServer{.from = need.from};
  }

  // Whether the source can be migrated; changes nothing but the choice of the server (Settle). A
  // source that cannot be reached is a failed item too.
  virtual CheckReport Check(const CheckScope& scope) = 0;

  virtual std::vector<RowFormat> row_formats() const = 0;

  // Objects without which its tables are not what they are: they are migrated unasked, those with
  // `before_tables` before the tables, others after their copy, values of sequences when the last
  // change is applied. With kTableRoutine: routines and what triggers need come before the tables
  // likewise, where they are asked for.
  virtual std::vector<ObjectKind> table_objects() const { return {}; }

  // What the server has now of what the filter lets through. `kinds`: the objects to read besides
  // tables.
  virtual base::StatusOr<Catalog> ReadCatalog(const TableFilter& filter,
                                              const std::vector<ObjectKind>& kinds) = 0;
  // One table as it is now; nothing when it does not exist.
  virtual base::StatusOr<std::optional<CatalogTable>> ReadTable(const model::TableName& name) = 0;

  // As they are now, of the databases that may have tables of the task, by name.
  virtual base::StatusOr<std::vector<model::SchemaDefault>> ReadSchemaDefaults(
      const TableFilter& filter) = 0;

  // Whose SQL the definitions of its tables are in (TableDefinition::dialect).
  virtual base::StatusOr<std::string> Dialect() = 0;

  // A definition that this source once gave, read again.
  virtual base::StatusOr<TableDefinition> ParseDefinition(const model::TableName& name,
                                                          const std::string& statement) = 0;

  // Whether sessions log all columns of the rows that they change, unless they ask for less.
  virtual base::StatusOr<bool> LogsWholeRows() = 0;

  // Whether its log holds what foreign keys do to rows of other tables.
  virtual base::StatusOr<bool> LogsWhatKeysDo() = 0;

  // The end of the log now: nothing that was ever visible comes after it. A stream reaches it even
  // if nothing else is ever written.
  virtual base::StatusOr<model::Position> CurrentPosition() = 0;
  // Where to begin with the log, now: nothing that is not visible yet comes before it. Where the
  // source can keep its log for the task, it does so from here on (R1), for the tables that the
  // filter lets through.
  virtual base::StatusOr<model::Position> StartPosition(const TableFilter& filter) = 0;
  // What it keeps of its log for the task now; nothing: it keeps none for tasks.
  virtual base::StatusOr<std::optional<LogHold>> ReadLogHold() { return std::optional<LogHold>(); }
  // By what it does so, in words: "replication slot godwit_shop". What ReleaseLog removes. An error
  // says what stays.
  virtual base::StatusOr<std::vector<std::string>> ListLogHolds() {
    return std::vector<std::string>();
  }
  // Ends what other runs of the task have open here that can be in this one's way: who reads what
  // is kept of the log, or makes it. What is done to the log after this is done over a connection
  // that this has used, or one that is opened while that one lives. kUnavailable: they are still
  // there.
  // `generation`: as Destination::Claim has it; from here on the log is held for this one.
  virtual base::Status EndOtherRuns(uint64_t /*generation*/) { return base::OkStatus(); }
  // The task needs the log no more. May be repeated. kPermissionDenied: it is held for a later
  // generation than the one that EndOtherRuns was called for; without that call nobody asks.
  virtual base::Status ReleaseLog() { return base::OkStatus(); }

  // The position that a user wrote down, completed.
  virtual base::StatusOr<model::Position> ParsePosition(const std::string& gtid,
                                                        const std::string& file,
                                                        uint64_t offset) = 0;

  // Cuts a table into at most `parts` ranges of similar size that together hold every row, without
  // reading the table. Where it is one of another family as which rows are compared
  // (canonical_row.h), keys are in that one's notation.
  virtual base::StatusOr<std::vector<KeyRange>> PlanRanges(const CatalogTable& table,
                                                           int parts) = 0;

  // `t0`: where the task's change stream begins; the tokens can be compared with what it gives.
  // `target`: the dialect of what the rows are for.
  virtual base::StatusOr<std::unique_ptr<ChunkReader>> OpenChunkReader(
      RowFormat format, const model::Position& t0, const std::string& target) = 0;
  // `other`: the dialect of what the rows are compared with.
  virtual base::StatusOr<std::unique_ptr<RowReader>> OpenRowReader(const std::string& other) = 0;
  virtual base::StatusOr<std::unique_ptr<ChangeStream>> OpenChangeStream(
      const StreamStart& start) = 0;

  // Null: this kind of server has no large objects.
  virtual base::StatusOr<std::unique_ptr<LargeObjectReader>> OpenLargeObjectReader() {
    return std::unique_ptr<LargeObjectReader>();
  }

  // Values that the target cannot hold, and what has been written in their place by now.
  virtual std::vector<UnfitCount> UnfitValues() const { return {}; }

  // Ends a wait for the source that has no end of its own; what waited returns kCancelled. From any
  // thread.
  virtual void Cancel() {}

  // Order of two positions of this source.
  virtual std::partial_ordering Compare(const model::Position& a,
                                        const model::Position& b) const = 0;

  // Bytes of log from a position to the log's end.
  virtual base::StatusOr<uint64_t> LogBytesAfter(const model::Position& position) = 0;
};

}  // namespace godwit::connector
