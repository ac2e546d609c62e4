#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "model/cell.h"
#include "model/ddl_kind.h"
#include "model/position.h"
#include "model/table.h"

namespace godwit::model {

enum class ChangeKind : uint8_t {
  kBegin,
  kInsert,     // after
  kUpdate,     // before, after
  kDelete,     // before; in a table that keeps history also after: the version that stays there
  kTruncate,   // all rows of the table, or of a partition of it, go; within a transaction, like
               // the rows' changes
  kDdl,        // ddl; stands alone, outside of begin and commit
  kCommit,     // position
  kHeartbeat,  // position: nothing happened up to here
};

// A definition-changing statement of the source, with the definitions that it leaves behind.
struct DdlChange {
  std::string statement;  // what to execute, in UTF-8 and in the target's SQL; empty: nothing,
                          // only the effects count
  // What `statement` is made of where the target commits after each: they are executed one by one.
  // One that is about a single table is left out where that is left to a copy.
  struct Step {
    std::string statement;
    TableName table;  // empty: it is about several, or is needed all the same
  };
  std::vector<Step> steps;
  std::string original;        // the statement as the source's log has it
  std::string dialect;         // whose SQL `statement` is, where it may be that of another family
                               // than the target's: TableDefinition::dialect
  std::string default_schema;  // the session's database
  std::string session;         // statements that give a session the settings it ran under
  std::string engine;          // that a table which names none gets; empty: the target's own
  enum class Place : uint8_t {
    kTarget,
    kShadow,    // followed, but not on the target: a tool's new form of another table
    kSetAside,  // its name is free on the source, while a tool changes it; the target keeps it
    kDropHeld,  // likewise, and unless the tool puts its shadow there it is dropped
  };
  struct Effect {
    TableName table;         // the name afterwards
    TableName renamed_from;  // empty unless renamed
    TablePtr after;          // null: does not exist any more, or `to_copy`
    std::string definition;  // of `after`, in the source's dialect; kept with the checkpoint
    Place place = Place::kTarget;
    // Of kShadow: columns that have another name than in the table that it is a form of, old and
    // new.
    std::vector<std::pair<std::string, std::string>> renamed_columns;
    bool made = false;        // it did not exist before
    bool other_rows = false;  // they are not those that the target has: it cannot be ignored
    bool to_copy = false;     // it has come into the task with rows that the log does not hold
    // Why the statement could give its rows other values than the source's: where it is to be
    // executed, the table is copied again instead. Empty: it gives the same.
    std::string by_copy;
    bool dropped = false;  // `after` is null as the table itself has gone, with its rows
    // What rows that were there before have in columns that have come, where the definition does
    // not say it: as text, or nothing, which is NULL. By the columns' names.
    std::map<std::string, std::optional<std::string>> earlier;
  };
  std::vector<Effect> effects;  // on tables of the task; none for databases and views
  std::vector<TableName>
      touched;  // all that the statement names, for finding out whether it has happened
  std::vector<TableName>
      left_over;  // to be dropped once the statement is done; there may be none of this name
  std::string touched_schema;                   // the database that it creates, alters or drops
  std::optional<SchemaDefault> schema_default;  // of that one, from here on on the source
  // Of CREATE DATABASE: what to execute instead where the target has it already from a copy of
  // later rows; empty: nothing else.
  std::string where_there;
  std::vector<std::string> notes;  // what of it is left out, in words
  std::string obstacle;  // why `statement` can never be executed on the target; empty: it can
  // Why rows will change on the source without a word in its log, from this statement on; empty:
  // they will not.
  std::string unlogged;
  // Tables to be dropped before the statement, which puts others in their place; there may be none.
  std::vector<TableName> replaced;
  bool needs_no_keys = false;  // of its tables: it is the same with and without them
  bool only_views = false;     // it makes views: it may be left out where these are yet to be made
  bool repeatable = false;     // executed again, it does no harm: TRUNCATE, DROP ... IF EXISTS
  // EXCHANGE PARTITION: the table that changes its rows with a partition, and not its definition.
  TableName exchanged;
  bool only_renames = false;  // RENAME TABLE: more pairs may be added to it
  // Of ALTER TABLE: each column of its table with the name that it had before; empty: it is new.
  std::vector<std::pair<std::string, std::string>> column_origins;
  bool needs_no_foreign_keys = false;  // it is the same with and without those
  std::vector<DdlKind> kinds;          // empty: no rule is asked, as it means nothing to the target
  bool by_alter = false;  // ALTER TABLE: where a kind has no rule, that of kAlterTable holds

  // The statement for people to see.
  const std::string& Shown() const { return statement.empty() ? original : statement; }
};

// One event of the source's log. Rows are spans into the batch that holds the event.
struct ChangeEvent {
  ChangeKind kind = ChangeKind::kHeartbeat;
  const Table* table = nullptr;  // of row events and truncate; kept alive by the batch
  // Of truncate: the partition of `table` alone that is emptied, as the source calls it; null: all
  // of the table. Kept alive by the batch.
  const TableName* partition = nullptr;
  Row before, after;
  bool keys_act = true;  // of row events; false: the session had foreign keys turned off
  // Of row events: columns may be absent, those of an inserted row being left to their defaults,
  // those of an update's `after`, absent from `before` as well, being unchanged.
  bool partial = false;
  int64_t commit_time_us = 0;  // of begin, DDL and commit: the source's clock, Unix microseconds
  // Of commit and heartbeat: just after it. Of begin: where the transaction starts. Of DDL: just
  // after it; empty where rows of the same transaction follow, so that only their commit can be a
  // checkpoint.
  Position position;
  std::shared_ptr<const DdlChange> ddl;
};

// A run of events in log order with the memory that their rows live in. Built by one thread, then
// handed on; immutable from there.
struct ChangeBatch {
  base::Arena arena;
  std::vector<TablePtr> tables;  // keeps the events' tables alive
  std::vector<ChangeEvent> events;
  std::vector<std::shared_ptr<const void>>
      pinned;  // buffers that cells point into, other than the arena
  // Tables some of whose rows are as they were at a later moment, this at the latest.
  std::map<TableName, Position> ahead_until;
  size_t bytes = 0;      // memory held, for budgets
  size_t log_bytes = 0;  // size in the source's log
};

}  // namespace godwit::model
