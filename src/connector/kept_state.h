#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connector/task_state.h"

// A task's state as targets of all kinds keep it (docs/formats.md): rows of text, and which columns
// are read of each table, in this order.
namespace godwit::connector {

using StateRow = std::vector<std::optional<std::string>>;

// After these come `catalog_read`, `restarted` and `server`, and `division`, which tables of an
// early format do not have.
inline constexpr std::string_view kHeadColumns =
    "epoch, phase, t0, applied, applied_commit_us, copy_end, ddl_statement, ddl_schema, "
    "ddl_position, ddl_before";
inline constexpr std::string_view kPartColumns = "part, parts, upto";

inline constexpr std::string_view kSchemaColumns = "schema_name, charset, collation_name";
inline constexpr std::string_view kTableColumns =
    "schema_name, table_name, stage, definition, low, high, unique_keys_deferred, kept, form, "
    "renamed_columns";
inline constexpr std::string_view kRangeColumns =
    "schema_name, table_name, after_key, upto_key, cursor_key, done, row_count, byte_count, low, "
    "high";
inline constexpr std::string_view kDecisionColumns = "waits_for, verb";
inline constexpr std::string_view kStepColumns = "statement, state";
inline constexpr std::string_view kDdlRecordColumns =
    "outcome, table_names, statement, position, instead, why, commit_us";

// `state` of a statement that a DDL is executed by.
enum class DdlStepStage : uint8_t { kWaiting, kBegun, kDone };

// The head alone.
TaskState ToTaskState(const StateRow& head);
model::SchemaDefault ToSchemaDefault(const StateRow& row);
// Nothing where there are no parts.
std::optional<OpenGroup> ToOpenGroup(const std::vector<StateRow>& parts);
TableState ToTableState(const StateRow& row);
// Adds them to the state's tables; both in the order of the tables' names, and the ranges of one in
// that of their numbers. kDataLoss: there is no such table.
base::Status TakeRanges(const std::vector<StateRow>& rows, TaskState& state);
// `steps` in their order.
void TakeDecision(const std::vector<StateRow>& decision, const std::vector<StateRow>& steps,
                  PendingDdl& ddl);
DdlRecord ToDdlRecord(const StateRow& row);

// That the epoch in the target is not this process's any more.
base::Status Superseded(std::string_view task, std::string_view schema);

}  // namespace godwit::connector
