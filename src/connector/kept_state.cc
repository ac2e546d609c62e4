#include "connector/kept_state.h"

#include <type_traits>

#include "base/text.h"
#include "connector/renamed_columns.h"

namespace godwit::connector {
namespace {

using Value = std::optional<std::string>;

std::string Text(const Value& value) { return value.value_or(""); }

template <typename T>
T Number(const Value& value) {
  return base::ParseInteger<T>(value.value_or("")).value_or(0);
}

template <typename T>
T Enum(const Value& value) {
  return static_cast<T>(Number<std::underlying_type_t<T>>(value));
}

// As MySQL and PostgreSQL write it.
bool Flag(const Value& value) { return value == "1" || value == "t"; }

// With a sign where the server has no other number of 64 bits.
uint64_t Bits(const Value& value) {
  return value && value->starts_with('-') ? static_cast<uint64_t>(Number<int64_t>(value))
                                          : Number<uint64_t>(value);
}

}  // namespace

TaskState ToTaskState(const StateRow& head) {
  TaskState state;
  state.epoch = Number<uint64_t>(head[0]);
  state.phase = Enum<TaskPhase>(head[1]);
  state.t0.text = Text(head[2]);
  state.applied.text = Text(head[3]);
  state.applied_commit_us = Number<int64_t>(head[4]);
  state.copy_end.text = Text(head[5]);
  if (head[6]) {
    PendingDdl& ddl = state.pending_ddl.emplace();
    ddl.statement = *head[6];
    ddl.default_schema = Text(head[7]);
    ddl.position.text = Text(head[8]);
    ddl.before = Text(head[9]);
  }
  state.catalog_read.text = Text(head[10]);
  state.restarted = Number<uint64_t>(head[11]);
  state.server = Text(head[12]);
  return state;
}

model::SchemaDefault ToSchemaDefault(const StateRow& row) {
  return {Text(row[0]), Text(row[1]), Text(row[2])};
}

std::optional<OpenGroup> ToOpenGroup(const std::vector<StateRow>& parts) {
  if (parts.empty()) return std::nullopt;
  OpenGroup group;
  group.parts = Number<int>(parts[0][1]);
  group.upto.text = Text(parts[0][2]);
  group.division = Bits(parts[0][3]);
  for (const StateRow& part : parts) group.done.insert(Number<int>(part[0]));
  return group;
}

TableState ToTableState(const StateRow& row) {
  TableState table;
  table.name = {Text(row[0]), Text(row[1])};
  table.stage = Enum<TableStage>(row[2]);
  table.definition = Text(row[3]);
  table.low.text = Text(row[4]);
  table.high.text = Text(row[5]);
  table.unique_keys_deferred = Flag(row[6]);
  table.kept = Flag(row[7]);
  table.form = Enum<TargetForm>(row[8]);
  table.renamed_columns = SplitRenames(Text(row[9]));
  return table;
}

base::Status TakeRanges(const std::vector<StateRow>& rows, TaskState& state) {
  auto table = state.tables.begin();
  for (const StateRow& row : rows) {
    const model::TableName name{Text(row[0]), Text(row[1])};
    while (table != state.tables.end() && table->name != name) ++table;
    if (table == state.tables.end())
      return base::DataLoss("the task's state has ranges of {}, which is none of its tables",
                            name.ToString());
    RangeState& range = table->ranges.emplace_back();
    range.range = {Text(row[2]), Text(row[3])};
    range.cursor = Text(row[4]);
    range.done = Flag(row[5]);
    range.rows = Number<uint64_t>(row[6]);
    range.bytes = Number<uint64_t>(row[7]);
    range.low.text = Text(row[8]);
    range.high.text = Text(row[9]);
  }
  return base::OkStatus();
}

void TakeDecision(const std::vector<StateRow>& decision, const std::vector<StateRow>& steps,
                  PendingDdl& ddl) {
  if (!decision.empty()) {
    ddl.waits_for = Text(decision[0][0]);
    ddl.verb = Enum<DdlVerb>(decision[0][1]);
  }
  for (const StateRow& step : steps) {
    ddl.replacement.push_back(Text(step[0]));
    const auto stage = Enum<DdlStepStage>(step[1]);
    if (stage == DdlStepStage::kDone) ++ddl.replaced;
    if (stage == DdlStepStage::kBegun) ddl.step_begun = true;
  }
}

DdlRecord ToDdlRecord(const StateRow& row) {
  DdlRecord record;
  record.outcome = Enum<DdlOutcome>(row[0]);
  record.tables = Text(row[1]);
  record.statement = Text(row[2]);
  record.position.text = Text(row[3]);
  record.instead = Text(row[4]);
  record.why = Text(row[5]);
  record.commit_time_us = Number<int64_t>(row[6]);
  return record;
}

base::Status Superseded(std::string_view task, std::string_view schema) {
  return base::FailedPrecondition(
      "task {}: another process has taken it over or removed it, or a later version of Godwit has "
      "brought the state of all tasks in schema {} up to date; this one has stopped writing. "
      "`godwit status` shows where the task stands",
      task, schema);
}

}  // namespace godwit::connector
