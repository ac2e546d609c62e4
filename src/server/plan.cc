#include "server/plan.h"

#include <algorithm>

#include "pipeline/copier.h"
#include "pipeline/copy_order.h"
#include "pipeline/task_check.h"
#include "pipeline/task_objects.h"
#include "pipeline/task_scope.h"
#include "server/connectors.h"

namespace godwit::server {
namespace {

using connector::CatalogTable;

base::Status PlanCopy(const config::Task& task, connector::Source& source,
                      const CatalogTable& table, PlannedTable& planned) {
  connector::TableState state;
  GODWIT_RETURN_IF_ERROR(pipeline::PlanCopy(source, table, task.copy.threads, state));
  planned.ranges = planned.chunks = state.ranges.size();
  planned.one_snapshot = pipeline::NeedsOneSnapshot(*table.definition.table);
  if (planned.one_snapshot) return base::OkStatus();
  const uint64_t by_size =
      (table.estimated_bytes + task.copy.chunk_bytes - 1) / task.copy.chunk_bytes;
  planned.chunks = std::max(planned.ranges, by_size);
  return base::OkStatus();
}

// Adds the statements that make the table; a target that stands in the way is a conflict.
base::Status PlanDefinition(connector::Destination& destination, const CatalogTable& table,
                            const connector::Catalog& catalog, connector::IfExists if_exists,
                            PlannedTable& planned, TaskPlan& plan) {
  auto made = destination.PlanTable(table.definition, catalog, if_exists);
  if (absl::IsFailedPrecondition(made.status())) {
    planned.conflict = std::string(made.status().message());
    return base::OkStatus();
  }
  if (!made.ok()) return made.status();
  planned.notes = std::move(made->notes);
  plan.before_copy.insert(plan.before_copy.end(), made->create.begin(), made->create.end());
  if (!made->keys.empty()) plan.after_table.push_back(made->keys);
  if (!made->foreign_keys.empty()) plan.after_copy.push_back(made->foreign_keys);
  return base::OkStatus();
}

// Adds the statements that make those which come before the tables, or the others.
base::Status PlanObjects(connector::Destination& destination, const connector::Catalog& catalog,
                         bool before, std::vector<std::string>& statements) {
  for (const connector::CatalogObject& object : catalog.objects) {
    if (pipeline::ComesBeforeTables(object) != before) continue;
    GODWIT_ASSIGN_OR_RETURN(statements.emplace_back(), destination.PlanObject(object));
  }
  return base::OkStatus();
}

}  // namespace

base::StatusOr<TaskPlan> PlanTask(const config::Task& task) {
  GODWIT_ASSIGN_OR_RETURN(auto source, MakeSource(task));
  GODWIT_ASSIGN_OR_RETURN(auto destination, MakeDestination(task));
  GODWIT_ASSIGN_OR_RETURN(std::optional<connector::TaskState> state, destination->LoadState());
  const connector::CheckScope scope = pipeline::ScopeOf(task);
  GODWIT_ASSIGN_OR_RETURN(
      connector::Catalog catalog,
      source->ReadCatalog(scope.filter, pipeline::ObjectKindsOf(task, *source)));
  TaskPlan plan;
  if (state && state->phase > connector::TaskPhase::kPreparing) plan.goes_on_from = state->phase;
  const bool begins = !plan.goes_on_from && scope.copies;
  if (begins) {
    for (const connector::CatalogSchema& schema : catalog.schemas) {
      GODWIT_ASSIGN_OR_RETURN(plan.before_copy.emplace_back(), destination->PlanSchema(schema));
    }
    GODWIT_RETURN_IF_ERROR(PlanObjects(*destination, catalog, /*before=*/true, plan.before_copy));
  }
  for (const CatalogTable& table : catalog.tables) {
    PlannedTable& planned = plan.tables.emplace_back();
    planned.name = table.definition.table->name.ToString();
    planned.estimated_rows = table.estimated_rows;
    planned.estimated_bytes = table.estimated_bytes;
    if (!begins) continue;
    GODWIT_RETURN_IF_ERROR(PlanCopy(task, *source, table, planned));
    GODWIT_RETURN_IF_ERROR(
        PlanDefinition(*destination, table, catalog, scope.if_exists, planned, plan));
  }
  if (begins)
    GODWIT_RETURN_IF_ERROR(PlanObjects(*destination, catalog, /*before=*/false, plan.after_copy));
  return plan;
}

}  // namespace godwit::server
