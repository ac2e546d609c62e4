#pragma once

#include <map>
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
#include "connector/task_state.h"
#include "connector/value_rules.h"
#include "model/change.h"

namespace godwit::connector {

// The net effect of a run of changes on one table. Rows live in batches that outlive the call.
struct TableChanges {
  struct Update {
    model::Row before, after;
  };
  model::TablePtr table;
  // A table with a row identity: at most one entry per identity over all three lists, in any order.
  std::vector<model::Row> deletes;
  std::vector<model::Row> inserts;
  std::vector<Update> updates;  // identity and unique keys the same before and after
  // Where the source's log leaves columns out, `partial` is set: columns absent from a row of
  // `inserts` take their defaults, a row of `deletes` may have no more than its identity, and there
  // may be rows of two further kinds, whose absent columns stay as they are on the target.
  bool partial = false;
  std::vector<Update> partial_updates;  // as `updates`
  // Changes that give rows other identities or values of unique keys than they have had: in log
  // order, each row by the identity in its `before`, any number of times. To be done after all
  // deletes and before all inserts, when what they take is free.
  std::vector<Update> claims;
  bool unique_keys_wait = false;  // the target has only the row identity yet: nothing is taken
  // A table whose ChangesInOrder(), instead: every change, in log order (an empty row where there
  // is none). Where a deleted row leaves history, `after` is the version that stays.
  std::vector<Update> ordered;
};

// Which tables' rows follow the rows of a table by ON DELETE or ON UPDATE CASCADE, SET NULL or SET
// DEFAULT, where the source's log does not hold what that does to them. Immutable once shared.
struct ForeignKeyGraph {
  struct Edge {
    model::TablePtr child;
    model::ForeignKey key;
    // The target has no such table: which rows follow its rows is not known there.
    bool missing = false;
  };
  std::map<model::TableName, std::vector<Edge>> children;  // by parent
};

// Deleted rows of a parent, or rows whose referenced columns got new values (`after`), in log
// order.
struct Cascade {
  model::TablePtr parent;
  std::vector<TableChanges::Update> rows;
};

// A table of which all rows go.
struct Truncation {
  model::TablePtr table;
  // Of a table that is partitioned on the source: the partition of which alone they go, by its name
  // there; empty: all of them.
  model::TableName partition;
};

// Changes that may be reordered among themselves, after some tables were emptied: cascades first,
// then deletes of all tables, then the rest.
struct ChangeSegment {
  std::vector<Truncation> truncated;
  std::vector<Cascade> cascades;
  std::shared_ptr<const ForeignKeyGraph> graph;  // where there are cascades
  std::vector<TableChanges> tables;
  std::vector<std::shared_ptr<const void>> memory;  // of rows that are not in the log's batches
};

// The statements that make a table, in the dialect of the target.
struct TablePlan {
  std::vector<std::string> create;  // before its copy; none for a table that is kept
  std::string keys;                 // after its copy; empty: none are left for then
  std::string foreign_keys;         // after all copies; empty: it has none
  // What of the source's definition is another one here, in words; where the target is of another
  // kind than the source.
  std::vector<std::string> notes;
};

enum class UniqueKeys : uint8_t { kBuild, kLeaveOut };

enum class ApplyMode : uint8_t {
  kStrict,      // the target is known to be in the state before the change
  kIdempotent,  // it may already hold the change, or a later one of the same rows
};

struct ApplyResult {
  uint64_t statements = 0;
  uint64_t drifted_rows = 0;  // rows whose state on the target was not the one expected (R7)
  std::string drift;          // the first of them, in words
};

// What the task's rules say about a DDL of the log.
enum class DdlAction : uint8_t {
  kExecute,
  kIgnore,
  kStop,     // until the operator has decided
  kBlocked,  // until what is in the way has gone: to retry it before comes to the same
};
struct DdlOrder {
  DdlAction action = DdlAction::kExecute;
  std::string why;  // of kStop and kBlocked: in words for the operator
  // The target's databases are, to begin with, those of the moment when the copy began, which is
  // after the statement: one that it makes may be there, and one that it is about may not.
  bool catching_up = false;
  // Rows of its tables may be of later moments than the statement, and of several.
  bool rows_are_ahead = false;
};

// Writes changes in transactions, each committed with its position. One thread; one connection.
//
// A group of transactions may be divided among appliers, each committing its part in any order;
// when all have, one of them commits the position. A part that is in stays on record until then
// (TaskState::open_group), so that nothing is written twice after a crash in between.
class ChangeApplier {
 public:
  virtual ~ChangeApplier() = default;

  // Adds to the open transaction (opening one if needed).
  virtual base::StatusOr<ApplyResult> Apply(const ChangeSegment& segment, ApplyMode mode) = 0;

  // Commits part `part` of `group` (its `done` means nothing here), if the epoch still holds (R4).
  // kAborted, here and from Apply: other parts were in the way, and the transaction was rolled
  // back; it may be tried again.
  virtual base::Status CommitPart(const OpenGroup& group, int part) = 0;

  // Commits with the position, if the epoch still holds (R4).
  virtual base::Status Commit(const model::Position& position, int64_t commit_time_us) = 0;
  virtual void Rollback() = 0;
  virtual void Cancel() = 0;
};

// A database that is written. Calls come from one thread at a time; each opened writer and applier
// has its own connection and thread.
class Destination {
 public:
  virtual ~Destination() = default;

  // Whether the target can take in what `catalog` lists; changes nothing. A target that cannot be
  // reached is a failed item too.
  virtual CheckReport Check(const CheckScope& scope, const Catalog& catalog) = 0;
  virtual std::vector<RowFormat> row_formats() const = 0;

  // Whose SQL it takes (TableDefinition::dialect).
  virtual base::StatusOr<std::string> Dialect() = 0;

  // --- the task's state ---
  // Reads without changing anything; nothing when the target has never seen the task.
  virtual base::StatusOr<std::optional<TaskState>> LoadState() = 0;
  // For a run with a generation, before it reads anything: sees to it that an earlier one that is
  // frozen in the midst of making the tables of the state, and so keeps everybody from reading
  // them, is told to end. kAborted: it was there, so that this is to be asked again.
  virtual base::Status MakeWay(uint64_t /*generation*/) { return base::OkStatus(); }
  // Makes this process the task's only writer: takes the task's lock, raises the epoch and returns
  // the state. Without a generation, 0: kFailedPrecondition when another process holds the lock.
  // With one, which the target keeps: takes the task over from whoever has it with a lesser one, or
  // from an earlier run of the same, and ends all the connections that could still write.
  // kFailedPrecondition: one with a greater generation has had the task, or another process with
  // the same one since this did.
  virtual base::StatusOr<TaskState> Claim(uint64_t generation) = 0;
  // As Claim, but makes nothing: where the target has never seen the task, only its lock is taken.
  virtual base::StatusOr<std::optional<TaskState>> ClaimIfKnown(uint64_t generation) = 0;
  // After ClaimIfKnown: removes the task's state; with that of the schema's last task also the
  // tables of the state, and the schema, if nothing else is in it. The task's own tables stay. May
  // be repeated, wherever it was ended.
  virtual base::StatusOr<Forgotten> Forget() = 0;
  // Replaces the head of the state (phase, positions, databases; not tables). Fenced by the epoch.
  virtual base::Status SaveHead(const TaskState& state) = 0;
  // Replaces the server and the positions of the head, and all of the tables; a DDL that waits for
  // the operator is met again. Parts of an open group and databases stay. Fenced by the epoch.
  virtual base::Status SaveServer(const TaskState& state) = 0;
  // Inserts or replaces tables with their ranges. Fenced by the epoch.
  virtual base::Status SaveTables(const std::vector<TableState>& tables) = 0;

  // --- schema ---
  virtual base::Status CreateSchemas(const std::vector<CatalogSchema>& schemas) = 0;
  // The statement for a schema or an object, in the dialect of the target. kFailedPrecondition: the
  // target cannot hold it. Changes nothing.
  virtual base::StatusOr<std::string> PlanSchema(const CatalogSchema& schema) = 0;
  virtual base::StatusOr<std::string> PlanObject(const CatalogObject& object) = 0;
  // The table as rows would see it here, for comparing it with what is here; the same where both
  // ends are of one kind. Changes nothing.
  virtual base::StatusOr<model::TablePtr> TableHere(const TableDefinition& table) = 0;
  // The same with the defaults as this server writes them, in whatever words the statement said
  // them that the definition is from. The task has to be claimed. An error where the server would
  // not tell.
  virtual base::StatusOr<model::TablePtr> TableWithDefaultsHere(const TableDefinition& table) = 0;
  // What CreateTable, FinishTable and CreateForeignKeys would execute now, with all that is in
  // `catalog`; errors as NeedsCreating's. Changes nothing.
  virtual base::StatusOr<TablePlan> PlanTable(const TableDefinition& table, const Catalog& catalog,
                                              IfExists if_exists) = 0;
  // What is to be done about a table before its copy: true, create it (and drop what is there);
  // false, keep what is there, which is the same. An error shows what differs. Changes nothing.
  virtual base::StatusOr<bool> NeedsCreating(const TableDefinition& table, IfExists if_exists) = 0;
  // Creates the table ready for loading, without foreign keys and without the keys that are built
  // later, in place of one of this name.
  virtual base::Status CreateTable(const TableDefinition& table) = 0;
  virtual base::Status DropTable(const model::TableName& name) = 0;
  virtual base::StatusOr<bool> HasTable(const model::TableName& name) = 0;
  // Builds the keys that CreateTable left out and that are still missing, unique ones if so asked;
  // asks the catalogue, so that it may be repeated. kAlreadyExists: a unique key met duplicates
  // (all others are built).
  virtual base::Status FinishTable(const TableDefinition& table, UniqueKeys unique_keys) = 0;
  // Where foreign keys can be held back while changes are written; else LetKeysAct makes them.
  virtual base::Status CreateForeignKeys(const std::vector<TableDefinition>& tables) = 0;
  // Before rows of these tables, which are all of the task, are written: sees to it that no foreign
  // key or trigger acts on them, and that none is a partition (kPartitioned). May be repeated.
  // kFailedPrecondition: one of the target's own would.
  virtual base::Status HoldKeysBack(const std::vector<TableDefinition>& /*tables*/) {
    return base::OkStatus();
  }
  // When the last change has been applied: the reverse.
  virtual base::Status LetKeysAct(const std::vector<TableDefinition>& /*tables*/) {
    return base::OkStatus();
  }
  // kAlreadyExists: one is there and differs. Events are created disabled.
  virtual base::Status CreateObjects(const std::vector<CatalogObject>& objects,
                                     IfExists if_exists) = 0;

  // Those that are there.
  virtual base::Status DropObjects(const std::vector<CatalogObject>& objects) = 0;
  // Those that are there and were made of the table, also by way of each other, so that it cannot
  // be dropped.
  virtual base::Status DropObjectsOf(const model::TableName& /*table*/,
                                     const std::vector<CatalogObject>& /*objects*/) {
    return base::OkStatus();
  }

  // What a DDL of the log amounts to here, with statement and effects for ApplyDdl; the same where
  // source and target are of one family. `known`: the tables that it is about, their parents by
  // foreign keys, and where they go or come their children, before it.
  virtual base::StatusOr<model::DdlChange> DdlHere(const model::DdlChange& ddl,
                                                   const std::vector<TableDefinition>& /*known*/) {
    return ddl;
  }

  // Executes a DDL of the log as R6 says: recorded as pending, executed, recorded as done with the
  // new definitions of `tables`, and what has become of its database, in one transaction. `order`
  // is what the rules say; the operator's decision, where there is one, stands above it. Gives what
  // became of it: unless it was executed, `tables` are saved as ones that differ.
  // kFailedPrecondition: it failed, or is not to be executed unasked, and waits for the operator's
  // decision. kAlreadyExists, with `rows_are_ahead`: rows have a value of a unique key in common
  // that the statement adds, or break what it says of them, so that it is not to be executed in
  // this state of the rows.
  virtual base::StatusOr<DdlOutcome> ApplyDdl(const model::DdlChange& ddl,
                                              const model::Position& position,
                                              int64_t commit_time_us,
                                              const std::vector<TableState>& tables,
                                              const DdlOrder& order) = 0;
  // Writes down what the operator has decided about the DDL that waits, for the next run to do.
  // Takes the task's lock and raises the epoch, so that no run can be at it. kFailedPrecondition:
  // none waits, or a run holds the lock.
  virtual base::Status DecideDdl(DdlVerb verb, const std::vector<std::string>& replacement) = 0;
  // All that were not executed as they stood, oldest first. Changes nothing.
  virtual base::StatusOr<std::vector<DdlRecord>> ReadDdlRecords() = 0;

  // --- data ---
  virtual base::StatusOr<std::unique_ptr<ChunkWriter>> OpenChunkWriter(RowFormat format) = 0;
  // `others`: whether other appliers write at the same time.
  virtual base::StatusOr<std::unique_ptr<ChangeApplier>> OpenApplier(bool others) = 0;

  // Makes the target's large objects what the source's are: missing ones are made, those that
  // differ are written, and those of the task's making that are gone there are removed. Committed
  // bit by bit: may be repeated, wherever it was ended, and then writes only what is left.
  // kFailedPrecondition: one that the task has not made has the number of another, and differs.
  virtual base::StatusOr<LargeObjectCounts> TakeLargeObjects(LargeObjectReader& /*source*/,
                                                             const LargeObjectOrder& /*order*/) {
    return base::FailedPrecondition("the target cannot hold large objects");
  }

  // As Source::UnfitValues, of the changes.
  virtual std::vector<UnfitCount> UnfitValues() const { return {}; }

  // --- comparison ---
  // The target's tables that the filter lets through, as they are now.
  virtual base::StatusOr<std::vector<CatalogTable>> ReadTables(const TableFilter& filter) = 0;
  // `other`: the dialect of what the rows are compared with.
  virtual base::StatusOr<std::unique_ptr<RowReader>> OpenRowReader(const std::string& other) = 0;
};

}  // namespace godwit::connector
