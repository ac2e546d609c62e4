#include "pipeline/table_making.h"

#include <optional>

#include "base/failpoint.h"
#include "pipeline/copier.h"
#include "pipeline/copy_order.h"
#include "pipeline/task_objects.h"
#include "pipeline/task_scope.h"

namespace godwit::pipeline {
namespace {

using connector::TableStage;
using connector::TableState;

base::Status DecideOnTables(const config::Task& task, connector::Source& source,
                            connector::Destination& destination, const TableCircles& circles,
                            TaskTables& tables) {
  std::vector<TableState> decided;
  for (auto& [name, state] : tables.states()) {
    if (state.stage != TableStage::kPending) continue;
    GODWIT_ASSIGN_OR_RETURN(const bool create,
                            destination.NeedsCreating(tables.Definition(name), IfExistsOf(task)));
    state.kept = !create;
    if (create) {
      state.stage = TableStage::kCreating;
    } else {
      GODWIT_RETURN_IF_ERROR(PlanCopy(source, tables, circles, name, task.copy.threads, state));
    }
    decided.push_back(state);
  }
  return decided.empty() ? base::OkStatus() : destination.SaveTables(decided);
}

}  // namespace

base::Status MakeTables(const config::Task& task, connector::Source& source,
                        connector::Destination& destination, TaskTables& tables,
                        const std::stop_token& stop) {
  const TableCircles circles = Circles(tables);
  GODWIT_RETURN_IF_ERROR(DecideOnTables(task, source, destination, circles, tables));
  std::optional<std::vector<connector::CatalogObject>> in_the_way;
  for (auto& [name, state] : tables.states()) {
    if (state.stage != TableStage::kCreating) continue;
    if (stop.stop_requested()) return base::Cancelled("stopped by the operator");
    base::Status created = destination.CreateTable(tables.Definition(name));
    if (absl::IsFailedPrecondition(created)) {
      // Views may be made of the one that is there; they come back after the copy.
      if (!in_the_way) {
        GODWIT_ASSIGN_OR_RETURN(in_the_way, ObjectsOfTables(task, source));
      }
      GODWIT_RETURN_IF_ERROR(destination.DropObjectsOf(name, *in_the_way));
      created = destination.CreateTable(tables.Definition(name));
    }
    GODWIT_RETURN_IF_ERROR(created);
    GODWIT_RETURN_IF_ERROR(PlanCopy(source, tables, circles, name, task.copy.threads, state));
    base::Failpoint("schema.after_create_table");
    GODWIT_RETURN_IF_ERROR(destination.SaveTables({state}));
  }
  return base::OkStatus();
}

}  // namespace godwit::pipeline
