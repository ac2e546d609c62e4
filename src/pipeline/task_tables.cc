#include "pipeline/task_tables.h"

#include <algorithm>
#include <set>

#include "pipeline/copy_order.h"

namespace godwit::pipeline {

using connector::TableStage;
using connector::TableState;

namespace {

using Place = model::DdlChange::Place;

bool IsAside(const TableState& state) {
  return state.stage == TableStage::kShadow || state.stage == TableStage::kSetAside ||
         state.stage == TableStage::kDropHeld;
}

Place PlaceOf(const TableState& state) {
  switch (state.stage) {
    case TableStage::kShadow:
      return Place::kShadow;
    case TableStage::kSetAside:
      return Place::kSetAside;
    case TableStage::kDropHeld:
      return Place::kDropHeld;
    default:
      return Place::kTarget;
  }
}

TableStage StageOf(Place place) {
  switch (place) {
    case Place::kTarget:
      return TableStage::kStreaming;
    case Place::kShadow:
      return TableStage::kShadow;
    case Place::kSetAside:
      return TableStage::kSetAside;
    case Place::kDropHeld:
      return TableStage::kDropHeld;
  }
  return TableStage::kStreaming;
}

}  // namespace

bool IsToBeMade(const TableState& state) {
  return state.stage == TableStage::kPending || state.stage == TableStage::kCreating;
}

bool MadeByUs(const TableState& state) {
  return !state.kept && state.stage != TableStage::kPending && state.stage != TableStage::kShadow;
}

base::StatusOr<TaskTables> TaskTables::Make(connector::Source& source,
                                            std::vector<TableState> states) {
  GODWIT_ASSIGN_OR_RETURN(std::string dialect, source.Dialect());
  TaskTables tables(source, std::move(dialect));
  for (TableState& state : states) {
    if (IsAside(state)) {
      tables.aside_[state.name] = state;
      continue;
    }
    if (!state.definition.empty()) {
      GODWIT_ASSIGN_OR_RETURN(connector::TableDefinition definition,
                              source.ParseDefinition(state.name, state.definition));
      tables.SetTable(state.name, definition.table);
    }
    const model::TableName name = state.name;
    tables.states_[name] = std::move(state);
  }
  return tables;
}

void TaskTables::PutState(TableState state) {
  if (state.definition.empty()) EraseTable(state.name);
  const model::TableName name = state.name;
  states_[name] = std::move(state);
}

void TaskTables::PutTable(TableState state, model::TablePtr table) {
  SetTable(state.name, std::move(table));
  PutState(std::move(state));
}

void TaskTables::SetTable(const model::TableName& name, model::TablePtr table) {
  if (std::ranges::any_of(table->foreign_keys, [](const auto& key) { return Acts(key); }))
    acted_on_[name] = table;
  else
    acted_on_.erase(name);
  tables_[name] = std::move(table);
}

void TaskTables::EraseTable(const model::TableName& name) {
  acted_on_.erase(name);
  tables_.erase(name);
}

std::vector<TableState> TaskTables::StateList() const {
  std::vector<TableState> list;
  for (const auto& [name, state] : states_) list.push_back(state);
  return list;
}

connector::TableDefinition TaskTables::Definition(const model::TableName& name) const {
  return {tables_.at(name), states_.at(name).definition, dialect_};
}

std::vector<connector::TableDefinition> TaskTables::Definitions() const {
  std::vector<connector::TableDefinition> list;
  for (const auto& [name, table] : tables_)
    list.push_back({table, states_.at(name).definition, dialect_});
  return list;
}

std::vector<connector::TrackedTable> TaskTables::Tracked() const {
  std::vector<connector::TrackedTable> list;
  for (const auto& [name, state] : states_) {
    list.push_back({name, state.definition, state.low, state.high});
  }
  for (const auto& [name, state] : aside_)
    list.push_back({name, state.definition, {}, {}, PlaceOf(state), state.renamed_columns});
  return list;
}

bool TaskTables::IsBefore(const model::Position& position, const model::Position& token) const {
  return !position.empty() && !token.empty() &&
         source_->Compare(position, token) == std::partial_ordering::less;
}

bool TaskTables::MayHavePassed(const TableState& state, const model::Position& position) const {
  return !position.empty() && !state.high.empty() &&
         source_->Compare(state.high, position) != std::partial_ordering::less;
}

bool TaskTables::MovesRowsDuringCopy(const model::DdlChange& ddl,
                                     const model::Position& position) const {
  return !ddl.exchanged.table.empty() &&
         std::ranges::any_of(ddl.effects, [&](const model::DdlChange::Effect& effect) {
           const auto state = states_.find(effect.table);
           return state != states_.end() && MayHavePassed(state->second, position);
         });
}

bool TaskTables::MissesParent(const model::Table& table, const model::Position& position) const {
  return std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(),
                     [&](const model::ForeignKey& key) {
                       const auto parent = states_.find(key.parent);
                       return Acts(key) && key.parent != table.name && parent != states_.end() &&
                              IsBefore(position, parent->second.low);
                     });
}

bool TaskTables::FollowAside(const model::DdlChange::Effect& effect,
                             std::vector<TableState>& changed) {
  if (effect.place == Place::kTarget) return false;
  TableState state;
  if (effect.place == Place::kShadow) {
    state.definition = effect.definition;
    state.renamed_columns = effect.renamed_columns;
  } else if (auto known = states_.extract(effect.table); !known.empty()) {
    state = std::move(known.mapped());
    EraseTable(effect.table);
  }
  state.name = effect.table;
  state.stage = StageOf(effect.place);
  aside_[effect.table] = state;
  changed.push_back(std::move(state));
  return true;
}

std::vector<TableState> TaskTables::Follow(const model::DdlChange& ddl,
                                           const model::Position& position) {
  std::vector<TableState> changed;
  // What the target has under the name of a table of ours is ours to replace, and what it had
  // before is not.
  std::set<model::TableName> ours, kept;
  for (const model::DdlChange::Effect& effect : ddl.effects) {
    // Back in its place.
    if (auto aside = aside_.find(effect.table);
        effect.place == Place::kTarget && aside != aside_.end()) {
      TableState back = std::move(aside->second);
      aside_.erase(aside);
      if (back.stage != TableStage::kShadow) {
        back.stage = back.ranges.empty() ? TableStage::kStreaming : TableStage::kCreating;
        states_[effect.table] = std::move(back);
      }
    }
    const auto known = states_.find(effect.table);
    if (known == states_.end()) continue;
    if (MadeByUs(known->second)) ours.insert(effect.table);
    if (known->second.kept) kept.insert(effect.table);
  }
  auto remove = [&](const model::TableName& name) {
    TableState removed;
    removed.name = name;
    removed.stage = TableStage::kRemoved;
    changed.push_back(std::move(removed));
    states_.erase(name);
    EraseTable(name);
  };
  // Where names go round, one is taken before it is given up.
  std::map<model::TableName, TableState> moved;
  std::set<model::TableName> taken;
  for (const model::DdlChange::Effect& effect : ddl.effects) {
    if (effect.renamed_from.table.empty()) continue;
    const auto known = states_.find(effect.renamed_from);
    if (taken.contains(effect.renamed_from) && known != states_.end()) {
      moved[effect.renamed_from] = std::move(known->second);
      remove(effect.renamed_from);
    }
    taken.insert(effect.table);
  }
  for (const model::DdlChange::Effect& effect : ddl.effects) {
    if (FollowAside(effect, changed)) continue;
    TableState state;
    state.stage = TableStage::kStreaming;
    if (auto taken_out = moved.extract(effect.renamed_from); !taken_out.empty()) {
      state = std::move(taken_out.mapped());
    } else {
      const bool renamed = !effect.renamed_from.table.empty();
      const auto known = states_.find(renamed ? effect.renamed_from : effect.table);
      if (known != states_.end()) state = known->second;
      if (renamed) remove(effect.renamed_from);
    }
    if (effect.after == nullptr) {
      remove(effect.table);
      if (!effect.to_copy) continue;
      state = {.name = effect.table,
               .stage = ours.contains(effect.table) ? TableStage::kCreating : TableStage::kPending,
               .kept = kept.contains(effect.table)};
      states_[effect.table] = state;
      changed.push_back(std::move(state));
      continue;
    }
    state.name = effect.table;
    state.definition = effect.definition;
    if (state.stage == TableStage::kDropped) {  // made anew
      state.stage = TableStage::kStreaming;
      state.low = {};
    }
    // Of a table that was renamed during its copy, the later chunks are another's that took its
    // name, and may look like it.
    const bool mixed = !effect.renamed_from.table.empty() && MayHavePassed(state, position);
    if (IsToBeMade(state) || mixed || MissesParent(*effect.after, position)) {
      state = {.name = effect.table,
               .stage = MadeByUs(state) ? TableStage::kCreating : TableStage::kPending,
               .kept = state.kept};
      EraseTable(effect.table);
    } else {
      SetTable(effect.table, effect.after);
    }
    states_[effect.table] = state;
    changed.push_back(std::move(state));
  }
  return changed;
}

void TaskTables::LeaveToCopy(const model::DdlChange& ddl, std::vector<TableState>& changed) {
  connector::MarkToCopy(ddl, changed);
  for (const TableState& state : changed) {
    if (IsToBeMade(state)) PutState(state);
  }
}

std::shared_ptr<const connector::ForeignKeyGraph> TaskTables::GraphAt(
    const model::Position& position) const {
  if (acted_on_.empty()) return nullptr;
  auto graph = std::make_shared<connector::ForeignKeyGraph>();
  for (const auto& [name, table] : acted_on_) {
    const model::Position& low = states_.at(name).low;
    // What the copy of the child has already must not happen to it again: the log will not bring it
    // back.
    if (!low.empty() && source_->Compare(position, low) == std::partial_ordering::less) continue;
    for (const model::ForeignKey& key : table->foreign_keys) {
      if (Acts(key)) graph->children[key.parent].push_back({table, key});
    }
  }
  if (graph->children.empty()) return nullptr;
  return graph;
}

bool TaskTables::MayBeAhead(const model::TableName& table, const model::Position& position) const {
  const auto state = states_.find(table);
  // Of a table read in one snapshot the log has left out all that was seen then.
  return state != states_.end() && state->second.low != state->second.high &&
         IsBefore(position, state->second.high);
}

bool TaskTables::UniqueKeysWait(const model::TableName& name) const {
  const auto state = states_.find(name);
  const auto table = tables_.find(name);
  if (state == states_.end() || table == tables_.end() || !state->second.unique_keys_deferred)
    return false;
  // Those by which a server counts are made with the table.
  const std::vector<int> identity = table->second->RowIdentity();
  return std::ranges::none_of(table->second->unique_keys, [&](const model::Key& key) {
    return key.columns != identity && std::ranges::any_of(key.columns, [&](int c) {
             return table->second->columns[static_cast<size_t>(c)].auto_increment;
           });
  });
}

connector::TableState TaskTables::SetAheadUntil(const model::TableName& table,
                                                model::Position position) {
  TableState& state = states_.at(table);
  state.high = std::move(position);
  looked_up_.insert(table);
  return state;
}

bool TaskTables::SomeToCopy() const {
  return std::any_of(states_.begin(), states_.end(), [](const auto& entry) {
    return IsToBeMade(entry.second) || entry.second.stage == TableStage::kCopying;
  });
}

model::Position TaskTables::CopyEnd() const {
  model::Position end;
  for (const auto& [name, state] : states_) {
    if (!state.high.empty() &&
        (end.empty() || source_->Compare(end, state.high) == std::partial_ordering::less))
      end = state.high;
  }
  return end;
}

}  // namespace godwit::pipeline
