#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connector/chunk.h"
#include "model/change.h"
#include "model/position.h"
#include "model/table.h"

namespace godwit::connector {

// What the target remembers of a task, committed together with the data it speaks of (R3).

enum class TaskPhase : uint8_t {
  kPreparing,
  kSchema,
  kCopying,
  kCatchingUp,
  kStreaming,
  kFinished
};
const char* ToString(TaskPhase phase);

enum class TableStage : uint8_t {
  kPending,   // to be created and copied
  kCreating,  // being created; what the target has of it is ours to drop
  kCopying,
  kCopied,     // all rows copied; keys may be missing yet
  kStreaming,  // keys in place; changes are applied
  kDropped,  // gone on the source while it was being copied; what the log says before `low` is left
             // out
  kRemoved,  // dropped by a change: SaveTables deletes its record
  // Of an online schema change by a tool (model::DdlChange::Place).
  kShadow,
  kSetAside,
  kDropHeld,
};
const char* ToString(TableStage stage);

struct RangeState {
  KeyRange range;
  std::string cursor;  // the last key copied; empty: none yet
  bool done = false;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  model::Position low, high;  // the tokens of its first and last chunk
};

// What the target has of a table that changes are applied to.
enum class TargetForm : uint8_t {
  kAsDefined,
  kDiffers,  // a DDL about it was not executed as it stood: the target is asked each time
  kMayLack,  // likewise, the one that made it: without a table its rows are left out
};

struct TableState {
  model::TableName name;
  TableStage stage = TableStage::kPending;
  std::string definition;     // in force at the checkpoint, in the source's dialect
  model::Position low, high;  // from kCopied on: the least and the greatest token of its chunks
  bool unique_keys_deferred = false;  // unique keys wait until changes up to `high` are applied
  bool kept =
      false;  // the target had the table before the task: it is never dropped for a new copy
  TargetForm form = TargetForm::kAsDefined;
  std::vector<RangeState> ranges;
  // Of kShadow, as in model::DdlChange::Effect.
  std::vector<std::pair<std::string, std::string>> renamed_columns;
};

// What the operator has decided about a DDL that waits.
enum class DdlVerb : uint8_t {
  kNone,
  kRetry,    // execute it, as it stands
  kSkip,     // do nothing
  kReplace,  // execute other statements instead
};

// A DDL that was begun; after a crash the target's catalogue says whether it had happened (R6).
struct PendingDdl {
  std::string statement;
  std::string default_schema;
  model::Position position;  // just after it
  std::string before;        // what the target's catalogue said of the tables it touches
  std::string waits_for;     // why it was not executed: the operator is needed; empty: it was begun
  DdlVerb verb = DdlVerb::kNone;
  // Of kReplace; once the operator is asked again, those that had been executed before. Where the
  // target needs several statements for the DDL itself, these (DdlChange::steps).
  std::vector<std::string> replacement;
  size_t replaced = 0;      // how many of these are done
  bool step_begun = false;  // the one after them has been begun; `before` is of it
};

// How a DDL of the log that was not executed as it stood came to its end.
enum class DdlOutcome : uint8_t { kExecuted, kIgnored, kSkipped, kReplaced };
const char* ToString(DdlOutcome outcome);

// Says so of the tables that a DDL is about, which was not executed as it stood.
void MarkNotExecuted(const model::DdlChange& ddl, std::vector<TableState>& tables);

// After a DDL was executed: the tables that it leaves to a copy are to be made anew.
void MarkToCopy(const model::DdlChange& ddl, std::vector<TableState>& tables);
// Why it leaves this one to a copy, and which statement does, in brackets; empty: it does not.
std::string WhyCopied(const model::DdlChange& ddl, const model::TableName& table);

// For the record of all that were not executed as they stood (R7).
struct DdlRecord {
  DdlOutcome outcome = DdlOutcome::kIgnored;
  std::string tables;  // those of the task that it was about, or the database
  std::string statement;
  model::Position position;    // just after it
  std::string instead;         // what was executed in its place
  std::string why;             // what the operator was asked for; empty: a rule
  int64_t commit_time_us = 0;  // of the statement, on the source
};

// The group after `applied`, of which some parts are in the target and some are not.
struct OpenGroup {
  model::Position upto;  // of its last commit
  // How many it was divided into, and a fingerprint of what decided which change went where (0: not
  // known).
  int parts = 0;
  uint64_t division = 0;
  std::set<int> done;  // those that are in
};

struct TaskState {
  uint64_t epoch = 0;
  // The operator's order by which it was last begun anew (RunOptions::restart_order); 0: none.
  uint64_t restarted = 0;
  TaskPhase phase = TaskPhase::kPreparing;
  // Whose log the positions here are places in (Source::Settle); empty: not known.
  std::string server;
  model::Position t0;
  model::Position applied;  // changes up to here are in the target
  int64_t applied_commit_us = 0;
  model::Position
      copy_end;  // the greatest token of the copy: from here on the target is consistent
  // As in StreamStart: at `applied`, and of the beginning.
  std::vector<model::SchemaDefault> schemas;
  model::Position catalog_read;
  std::optional<OpenGroup> open_group;
  std::optional<PendingDdl> pending_ddl;
  std::vector<TableState> tables;
};

// What was removed of all this, and what was left and why; in words.
struct Forgotten {
  std::vector<std::string> removed, left;
};

// Tables that the task has created, or begun to fill; `anew`: only those that it may make again.
std::set<model::TableName> OwnTables(const TaskState& state, bool anew);

}  // namespace godwit::connector
