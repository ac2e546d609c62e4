#include "pipeline/stream_ddl.h"

#include "pipeline/ddl_rules.h"
#include "pipeline/kept_tables.h"

namespace godwit::pipeline {

base::Status StreamDdl::Apply(const model::ChangeEvent& event) {
  model::DdlChange ddl = *event.ddl;
  if (tables_.MovesRowsDuringCopy(ddl, event.position)) {
    for (model::DdlChange::Effect& effect : ddl.effects)
      effect.by_copy = "rows have changed places with another table's while it was copied";
  }
  if (catching_up_) GODWIT_RETURN_IF_ERROR(CreateKeys(ddl));
  connector::DdlOrder order = OrderFor(rules_, ddl);
  if (order.action == connector::DdlAction::kExecute && fitted_.ConcernsOnlyMissing(ddl, tables_))
    order.action = connector::DdlAction::kIgnore, ddl.unlogged.clear();
  order.catching_up = catching_up_;
  std::vector<connector::TableState> changed = tables_.Follow(ddl, event.position);
  if (order.action != connector::DdlAction::kIgnore) {
    GODWIT_ASSIGN_OR_RETURN(std::string why, WhyKeptInTheWay(ddl, changed, tables_, destination_));
    if (!why.empty()) {
      if (order.action == connector::DdlAction::kStop) why += "; " + order.why;
      order.action = connector::DdlAction::kBlocked;
      order.why = std::move(why);
    }
  }
  GODWIT_ASSIGN_OR_RETURN(
      const connector::DdlOutcome outcome,
      destination_.ApplyDdl(ddl, event.position, event.commit_time_us, changed, order));
  GODWIT_RETURN_IF_ERROR(TakeOutcome(ddl, outcome, changed));
  for (const connector::TableState& state : changed) {
    if (!state.definition.empty() || state.stage == connector::TableStage::kRemoved) continue;
    return base::Aborted(
        "table {}: a statement of the log has given it rows that the log does not hold; it is "
        "copied by itself first{}",
        state.name.ToString(), connector::WhyCopied(ddl, state.name));
  }
  return base::OkStatus();
}

base::Status StreamDdl::TakeOutcome(const model::DdlChange& ddl, connector::DdlOutcome outcome,
                                    std::vector<connector::TableState>& changed) {
  ++progress_.ddls;
  if (outcome != connector::DdlOutcome::kExecuted) {
    ++progress_.ddls_not_executed;
    progress_.Note(fmt::format("a DDL of the source was {}: {}", ToString(outcome),
                               ddl.Shown().substr(0, 200)));
    connector::MarkNotExecuted(ddl, changed);
    for (const connector::TableState& state : changed) {
      const auto known = tables_.states().find(state.name);
      if (known != tables_.states().end()) known->second.form = state.form;
    }
  } else {
    for (const std::string& note : ddl.notes) progress_.Note(note);
    tables_.LeaveToCopy(ddl, changed);
  }
  return fitted_.Refresh(tables_, destination_, progress_);
}

// While catching up, the target's tables have no foreign keys yet, and may lack unique ones, and
// the statement may drop one.
base::Status StreamDdl::CreateKeys(const model::DdlChange& ddl) {
  std::vector<connector::TableDefinition> touched;
  for (const model::DdlChange::Effect& effect : ddl.effects) {
    const auto state = tables_.states().find(effect.table);
    if (state == tables_.states().end() || state->second.definition.empty()) continue;
    touched.push_back(tables_.Definition(effect.table));
    if (!state->second.unique_keys_deferred) continue;
    base::Status built = destination_.FinishTable(touched.back(), connector::UniqueKeys::kBuild);
    if (absl::IsAlreadyExists(built)) continue;  // not in this state of the rows
    GODWIT_RETURN_IF_ERROR(built);
    state->second.unique_keys_deferred = false;
  }
  return destination_.CreateForeignKeys(touched);
}

}  // namespace godwit::pipeline
