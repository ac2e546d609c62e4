#include "connector/task_state.h"

#include <algorithm>

namespace godwit::connector {

const char* ToString(TaskPhase phase) {
  switch (phase) {
    case TaskPhase::kPreparing:
      return "preparing";
    case TaskPhase::kSchema:
      return "schema";
    case TaskPhase::kCopying:
      return "copying";
    case TaskPhase::kCatchingUp:
      return "catching-up";
    case TaskPhase::kStreaming:
      return "streaming";
    case TaskPhase::kFinished:
      return "finished";
  }
  return "?";
}

const char* ToString(TableStage stage) {
  switch (stage) {
    case TableStage::kPending:
      return "pending";
    case TableStage::kCreating:
      return "creating";
    case TableStage::kCopying:
      return "copying";
    case TableStage::kCopied:
      return "copied";
    case TableStage::kStreaming:
      return "streaming";
    case TableStage::kDropped:
      return "dropped";
    case TableStage::kRemoved:
      return "removed";
    case TableStage::kShadow:
      return "shadow";
    case TableStage::kSetAside:
      return "set-aside";
    case TableStage::kDropHeld:
      return "drop-held";
  }
  return "?";
}

void MarkNotExecuted(const model::DdlChange& ddl, std::vector<TableState>& tables) {
  for (TableState& table : tables) {
    const bool made = std::any_of(ddl.effects.begin(), ddl.effects.end(), [&](const auto& effect) {
      return effect.made && effect.table == table.name;
    });
    if (made)
      table.form = TargetForm::kMayLack;
    else if (table.form == TargetForm::kAsDefined)
      table.form = TargetForm::kDiffers;
  }
}

void MarkToCopy(const model::DdlChange& ddl, std::vector<TableState>& tables) {
  for (TableState& table : tables) {
    const bool made_anew =
        table.stage != TableStage::kPending && table.stage != TableStage::kCreating &&
        table.stage != TableStage::kRemoved &&
        std::any_of(ddl.effects.begin(), ddl.effects.end(), [&](const auto& effect) {
          return !effect.by_copy.empty() && effect.table == table.name;
        });
    if (!made_anew) continue;
    // One that the target had before the task is not ours to drop.
    const TableStage stage = table.kept ? TableStage::kPending : TableStage::kCreating;
    table = {.name = table.name, .stage = stage, .kept = table.kept};
  }
}

std::string WhyCopied(const model::DdlChange& ddl, const model::TableName& table) {
  for (const model::DdlChange::Effect& effect : ddl.effects) {
    if (effect.table == table && !effect.by_copy.empty())
      return " (" + effect.by_copy + ": " + ddl.Shown().substr(0, 200) + ")";
  }
  return "";
}

const char* ToString(DdlOutcome outcome) {
  switch (outcome) {
    case DdlOutcome::kExecuted:
      return "executed";
    case DdlOutcome::kIgnored:
      return "ignored";
    case DdlOutcome::kSkipped:
      return "skipped";
    case DdlOutcome::kReplaced:
      return "replaced";
  }
  return "?";
}

std::set<model::TableName> OwnTables(const TaskState& state, bool anew) {
  std::set<model::TableName> own;
  for (const TableState& table : state.tables) {
    if (table.stage != TableStage::kPending && !(anew && table.kept)) own.insert(table.name);
  }
  return own;
}

}  // namespace godwit::connector
