#include "pipeline/task_preparation.h"

#include <map>

#include "base/failpoint.h"
#include "pipeline/task_scope.h"
#include "pipeline/task_tables.h"

namespace godwit::pipeline {
namespace {

using connector::TableStage;
using connector::TableState;
using connector::TaskState;

// The position, and the databases as they are there. `chosen`: by the user; empty: now.
base::Status TakeStart(const config::Task& task, connector::Source& source,
                       const model::Position& chosen, TaskState& state) {
  constexpr int kMostTries = 5;
  const connector::TableFilter filter = FilterOf(task);
  for (int tries = 0; tries < kMostTries; ++tries) {
    GODWIT_ASSIGN_OR_RETURN(state.schemas, source.ReadSchemaDefaults(filter));
    base::StatusOr<model::Position> start = chosen;
    if (chosen.empty()) start = source.StartPosition(filter);
    GODWIT_RETURN_IF_ERROR(start.status());
    state.t0 = state.applied = *start;
    GODWIT_ASSIGN_OR_RETURN(const std::vector<model::SchemaDefault> now,
                            source.ReadSchemaDefaults(filter));
    if (now == state.schemas) return base::OkStatus();
  }
  return base::Unavailable(
      "the source's databases are made or altered all the time, so that it cannot be said what "
      "they are where the task begins");
}

// The states that `catalog` makes of the earlier ones, and in `gone` those of tables that it has
// no more.
std::vector<TableState> StatesOf(const connector::Catalog& catalog, config::Mode mode,
                                 std::vector<TableState> earlier, std::vector<TableState>& gone) {
  std::map<model::TableName, TableState> before;
  for (TableState& state : earlier) before[state.name] = std::move(state);
  std::vector<TableState> states;
  for (const connector::CatalogTable& table : catalog.tables) {
    TableState& state = states.emplace_back();
    auto known = before.extract(table.definition.table->name);
    // Made by an earlier run of this task: not in the way of this one.
    if (!known.empty() && MadeByUs(known.mapped())) state.stage = TableStage::kCreating;
    state.kept = !known.empty() && known.mapped().kept;
    state.name = table.definition.table->name;
    state.definition = table.definition.statement;
    if (mode == config::Mode::kStream) {
      state.stage = TableStage::kStreaming;
      state.kept = true;
    }
  }
  for (auto& [name, state] : before) {
    state.stage = TableStage::kRemoved;
    gone.push_back(std::move(state));
  }
  return states;
}

}  // namespace

base::Status PrepareTask(const config::Task& task, connector::Source& source,
                         connector::Destination& destination, TaskState& state) {
  GODWIT_ASSIGN_OR_RETURN(const model::Position chosen, ChosenStart(task, source));
  GODWIT_RETURN_IF_ERROR(TakeStart(task, source, chosen, state));
  GODWIT_ASSIGN_OR_RETURN(const connector::Catalog catalog, source.ReadCatalog(FilterOf(task), {}));
  // A place that the user chose is not one to find tables gone since.
  state.catalog_read = {};
  if (chosen.empty()) {
    GODWIT_ASSIGN_OR_RETURN(state.catalog_read, source.CurrentPosition());
  }
  if (catalog.tables.empty()) {
    return base::FailedPrecondition(
        "no table of the source matches `tables.include`; `godwit plan` shows what does, and the "
        "source's user sees only tables that it has a right on");
  }
  std::vector<TableState> gone;
  state.tables = StatesOf(catalog, task.mode, std::move(state.tables), gone);
  std::vector<TableState> saved = state.tables;
  saved.insert(saved.end(), gone.begin(), gone.end());
  GODWIT_RETURN_IF_ERROR(destination.SaveTables(saved));
  base::Failpoint("task.before_prepared");
  return base::OkStatus();
}

}  // namespace godwit::pipeline
