#include "pipeline/task_tables.h"

#include "pipeline/copy_order.h"

namespace godwit::pipeline {

using connector::TableStage;
using connector::TableState;

base::StatusOr<TaskTables> TaskTables::Make(const connector::Source& source,
                                            std::vector<TableState> states) {
  TaskTables tables(source);
  for (TableState& state : states) {
    if (!state.definition.empty()) {
      GODWIT_ASSIGN_OR_RETURN(connector::TableDefinition definition,
                              source.ParseDefinition(state.name, state.definition));
      tables.tables_[state.name] = definition.table;
    }
    const model::TableName name = state.name;
    tables.states_[name] = std::move(state);
  }
  return tables;
}

void TaskTables::PutState(TableState state) {
  if (state.definition.empty()) tables_.erase(state.name);
  const model::TableName name = state.name;
  states_[name] = std::move(state);
}

void TaskTables::PutTable(TableState state, model::TablePtr table) {
  tables_[state.name] = std::move(table);
  PutState(std::move(state));
}

std::vector<TableState> TaskTables::StateList() const {
  std::vector<TableState> list;
  for (const auto& [name, state] : states_) list.push_back(state);
  return list;
}

connector::TableDefinition TaskTables::Definition(const model::TableName& name) const {
  return {tables_.at(name), states_.at(name).definition};
}

std::vector<connector::TableDefinition> TaskTables::Definitions() const {
  std::vector<connector::TableDefinition> list;
  for (const auto& [name, table] : tables_) list.push_back({table, states_.at(name).definition});
  return list;
}

std::vector<connector::TrackedTable> TaskTables::Tracked() const {
  std::vector<connector::TrackedTable> list;
  for (const auto& [name, state] : states_) list.push_back({name, state.definition, state.low});
  return list;
}

std::vector<TableState> TaskTables::Follow(const model::DdlChange& ddl) {
  std::vector<TableState> changed;
  auto remove = [&](const model::TableName& name) {
    TableState removed;
    removed.name = name;
    removed.stage = TableStage::kRemoved;
    changed.push_back(std::move(removed));
    states_.erase(name);
    tables_.erase(name);
  };
  for (const model::DdlChange::Effect& effect : ddl.effects) {
    TableState state;
    state.stage = TableStage::kStreaming;
    const model::TableName& from =
        effect.renamed_from.table.empty() ? effect.table : effect.renamed_from;
    if (auto it = states_.find(from); it != states_.end()) state = it->second;
    if (!effect.renamed_from.table.empty()) remove(effect.renamed_from);
    if (effect.after == nullptr) {
      remove(effect.table);
      continue;
    }
    state.name = effect.table;
    state.definition = effect.definition;
    states_[effect.table] = state;
    tables_[effect.table] = effect.after;
    changed.push_back(std::move(state));
  }
  return changed;
}

std::shared_ptr<const connector::ForeignKeyGraph> TaskTables::GraphAt(
    const model::Position& position) const {
  auto graph = std::make_shared<connector::ForeignKeyGraph>();
  for (const auto& [name, table] : tables_) {
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
