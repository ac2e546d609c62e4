#include "pipeline/task_objects.h"

#include <algorithm>

#include "pipeline/task_scope.h"

namespace godwit::pipeline {
namespace {

using connector::ObjectKind;
using connector::TableStage;

base::Status Create(const config::Task& task, connector::Source& source,
                    connector::Destination& destination, const std::vector<ObjectKind>& kinds,
                    connector::IfExists if_exists) {
  if (kinds.empty()) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(connector::Catalog catalog, source.ReadCatalog(FilterOf(task), kinds));
  if (task.online_ddl.on) {
    // They would fill a table that the target has not.
    std::erase_if(catalog.objects, [](const connector::CatalogObject& object) {
      return object.kind == ObjectKind::kTrigger && config::ShadowNames::IsToolTrigger(object.name);
    });
  }
  return destination.CreateObjects(catalog.objects, if_exists);
}

}  // namespace

base::Status CreateObjectsBeforeTables(const config::Task& task, connector::Source& source,
                                       connector::Destination& destination) {
  std::vector<ObjectKind> kinds;
  for (ObjectKind kind : source.table_objects()) {
    if (kind != ObjectKind::kTableSequence) kinds.push_back(kind);
  }
  // One that is there and is the same serves; none is replaced, as tables may be made of it.
  GODWIT_RETURN_IF_ERROR(Create(task, source, destination, kinds, connector::IfExists::kError));
  if (!task.objects.sequences) return base::OkStatus();
  return Create(task, source, destination, {ObjectKind::kSequence}, IfExistsOf(task));
}

base::Status CreateObjectsAfterTables(const config::Task& task, connector::Source& source,
                                      connector::Destination& destination,
                                      const TaskTables& tables) {
  if (task.mode == config::Mode::kStream) return base::OkStatus();
  // Where tables that were copied have been in the stream before, all of this was made then; but
  // what became of views since, while a table that joined was caught up with, was left to be done
  // now.
  const bool again = std::ranges::any_of(tables.states(), [](const auto& entry) {
    return entry.second.stage == TableStage::kStreaming && !entry.second.low.empty();
  });
  std::vector<ObjectKind> kinds = {ObjectKind::kView};
  if (again) return Create(task, source, destination, kinds, connector::IfExists::kReplace);
  if (task.objects.routines) kinds.push_back(ObjectKind::kRoutine);
  if (task.objects.events) kinds.push_back(ObjectKind::kEvent);
  return Create(task, source, destination, kinds, IfExistsOf(task));
}

base::Status CreateLastObjects(const config::Task& task, connector::Source& source,
                               connector::Destination& destination) {
  std::vector<ObjectKind> kinds;
  if (std::ranges::count(source.table_objects(), ObjectKind::kTableSequence) > 0)
    kinds.push_back(ObjectKind::kTableSequence);
  if (task.objects.sequences) kinds.push_back(ObjectKind::kSequence);
  if (task.objects.triggers) kinds.push_back(ObjectKind::kTrigger);
  return Create(task, source, destination, kinds, IfExistsOf(task));
}

base::Status DropTriggers(const config::Task& task, connector::Source& source,
                          connector::Destination& destination) {
  if (!task.objects.triggers) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(const connector::Catalog catalog,
                          source.ReadCatalog(FilterOf(task), {ObjectKind::kTrigger}));
  return destination.DropObjects(catalog.objects);
}

}  // namespace godwit::pipeline
