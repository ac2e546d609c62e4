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

}  // namespace godwit::connector
