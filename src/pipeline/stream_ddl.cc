#include "pipeline/stream_ddl.h"

#include <set>

#include "pipeline/ddl_rules.h"
#include "pipeline/kept_tables.h"

namespace godwit::pipeline {
namespace {

constexpr std::string_view kSharedValues =
    "while it was copied, rows have shared a value of a unique key, or broken a check";

const model::TableName& NameBefore(const model::DdlChange::Effect& effect) {
  return effect.renamed_from.table.empty() ? effect.table : effect.renamed_from;
}

}  // namespace

base::Status StreamDdl::Apply(const model::ChangeEvent& event) {
  GODWIT_ASSIGN_OR_RETURN(model::DdlChange ddl,
                          destination_.DdlHere(*event.ddl, Known(*event.ddl)));
  if (tables_.MovesRowsDuringCopy(ddl, event.position)) {
    for (model::DdlChange::Effect& effect : ddl.effects)
      effect.by_copy = "rows have changed places with another table's while it was copied";
  }
  std::vector<model::DdlChange::Effect*> ahead;
  for (model::DdlChange::Effect& effect : ddl.effects) {
    if (IsAhead(effect, event.position)) ahead.push_back(&effect);
  }
  if (catching_up_ && !ddl.needs_no_keys) GODWIT_RETURN_IF_ERROR(CreateKeys(ddl, ahead));
  connector::DdlOrder order = OrderFor(rules_, ddl);
  if (order.action == connector::DdlAction::kExecute && fitted_.ConcernsOnlyMissing(ddl, tables_))
    order.action = connector::DdlAction::kIgnore, ddl.unlogged.clear();
  order.catching_up = catching_up_;
  order.rows_are_ahead = !ahead.empty();
  std::vector<connector::TableState> changed = tables_.Follow(ddl, event.position);
  if (catching_up_ && !ddl.where_there.empty() && ddl.where_there != ddl.statement)
    LeaveKeysForLater(changed);
  base::StatusOr<connector::DdlOutcome> outcome = Execute(event, ddl, order, changed);
  if (order.rows_are_ahead && absl::IsAlreadyExists(outcome.status())) {
    for (model::DdlChange::Effect* effect : ahead) effect->by_copy = kSharedValues;
    outcome = Execute(event, ddl, order, changed);
  }
  if (!outcome.ok()) {
    for (const model::DdlChange::Effect& effect : ddl.effects)
      progress_.tables.Failed(NameBefore(effect), std::string(outcome.status().message()));
    return outcome.status();
  }
  GODWIT_RETURN_IF_ERROR(TakeOutcome(ddl, *outcome, changed));
  for (const connector::TableState& state : changed) progress_.tables.Put(state);
  for (const connector::TableState& state : changed) {
    if (!state.definition.empty() || state.stage == connector::TableStage::kRemoved) continue;
    return base::Aborted(
        "table {}: a statement of the log leaves its rows to a copy; it is copied "
        "by itself first{}",
        state.name.ToString(), connector::WhyCopied(ddl, state.name));
  }
  return base::OkStatus();
}

// Keys that come while tables are of several moments are looked after once they are not.
void StreamDdl::LeaveKeysForLater(std::vector<connector::TableState>& changed) {
  for (connector::TableState& state : changed) {
    // A name that another one has taken since is none any more.
    const auto kept = tables_.states().find(state.name);
    if (state.stage != connector::TableStage::kStreaming || kept == tables_.states().end())
      continue;
    state.stage = connector::TableStage::kCopied;
    kept->second.stage = state.stage;
  }
}

std::vector<connector::TableDefinition> StreamDdl::Known(const model::DdlChange& ddl) const {
  std::vector<connector::TableDefinition> known;
  std::set<model::TableName> names;
  const auto add = [&](const model::TableName& name) {
    const auto state = tables_.states().find(name);
    const bool there = state != tables_.states().end() && !state->second.definition.empty();
    if (there && names.insert(name).second) known.push_back(tables_.Definition(name));
    return there;
  };
  const auto add_parents = [&](const model::Table& table) {
    for (const model::ForeignKey& key : table.foreign_keys) add(key.parent);
  };
  const bool creates =
      std::ranges::find(ddl.kinds, model::DdlKind::kCreateTable) != ddl.kinds.end();
  std::set<model::TableName> parents;  // that go, or come
  for (const model::DdlChange::Effect& effect : ddl.effects) {
    if (add(NameBefore(effect))) add_parents(*tables_.Definition(NameBefore(effect)).table);
    if (effect.after != nullptr) add_parents(*effect.after);
    if (effect.after == nullptr || effect.made || creates) parents.insert(effect.table);
  }
  if (parents.empty()) return known;
  for (const connector::TableDefinition& child : tables_.Definitions()) {
    const bool refers = std::ranges::any_of(
        child.table->foreign_keys,
        [&](const model::ForeignKey& key) { return parents.contains(key.parent); });
    if (refers) add(child.table->name);
  }
  return known;
}

base::StatusOr<connector::DdlOutcome> StreamDdl::Execute(
    const model::ChangeEvent& event, const model::DdlChange& ddl, connector::DdlOrder order,
    const std::vector<connector::TableState>& changed) {
  if (order.action != connector::DdlAction::kIgnore) {
    GODWIT_ASSIGN_OR_RETURN(std::string why, WhyKeptInTheWay(ddl, changed, tables_, destination_));
    if (!why.empty()) {
      if (order.action == connector::DdlAction::kStop) why += "; " + order.why;
      order.action = connector::DdlAction::kBlocked;
      order.why = std::move(why);
    }
  }
  return destination_.ApplyDdl(ddl, event.position, event.commit_time_us, changed, order);
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

bool StreamDdl::IsAhead(const model::DdlChange::Effect& effect,
                        const model::Position& position) const {
  return effect.after != nullptr && effect.place == model::DdlChange::Place::kTarget &&
         tables_.MayBeAhead(NameBefore(effect), position);
}

// While catching up, the target's tables have no foreign keys yet, and may lack unique ones, and
// the statement may drop one.
base::Status StreamDdl::CreateKeys(const model::DdlChange& ddl,
                                   const std::vector<model::DdlChange::Effect*>& ahead) {
  std::vector<connector::TableDefinition> touched;
  for (const model::DdlChange::Effect& effect : ddl.effects) {
    const model::TableName& name = NameBefore(effect);
    const auto state = tables_.states().find(name);
    if (state == tables_.states().end() || state->second.definition.empty()) continue;
    touched.push_back(tables_.Definition(name));
    if (!state->second.unique_keys_deferred) continue;
    base::Status built = destination_.FinishTable(touched.back(), connector::UniqueKeys::kBuild);
    if (absl::IsAlreadyExists(built)) {
      // Not in this state of the rows; and without them the statement may not be what it was.
      const auto of_many_moments = std::ranges::find(ahead, &effect);
      if (of_many_moments != ahead.end()) (*of_many_moments)->by_copy = kSharedValues;
      continue;
    }
    GODWIT_RETURN_IF_ERROR(built);
    state->second.unique_keys_deferred = false;
  }
  return ddl.needs_no_foreign_keys ? base::OkStatus() : destination_.CreateForeignKeys(touched);
}

}  // namespace godwit::pipeline
