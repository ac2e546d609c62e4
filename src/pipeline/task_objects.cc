#include "pipeline/task_objects.h"

#include <algorithm>

#include "pipeline/task_scope.h"

namespace godwit::pipeline {
namespace {

using connector::ObjectKind;
using connector::TableStage;

using Choice = bool (*)(const connector::CatalogObject&);

bool Any(const connector::CatalogObject&) { return true; }
bool ComesAfterTables(const connector::CatalogObject& object) { return !ComesBeforeTables(object); }

// Those that `chosen` is true of.
base::Status Create(const config::Task& task, connector::Source& source,
                    connector::Destination& destination, std::vector<ObjectKind> kinds,
                    connector::IfExists if_exists, Choice chosen = Any) {
  if (kinds.empty()) return base::OkStatus();
  const bool gives_rights = std::ranges::count(kinds, ObjectKind::kRights) > 0;
  // What is made knows that its rights are to follow (CatalogObject::guarded).
  if (task.objects.rights && !gives_rights) kinds.push_back(ObjectKind::kRights);
  GODWIT_ASSIGN_OR_RETURN(connector::Catalog catalog, source.ReadCatalog(FilterOf(task), kinds));
  std::erase_if(catalog.objects, [&](const connector::CatalogObject& object) {
    if (!chosen(object) || (object.kind == ObjectKind::kRights && !gives_rights)) return true;
    // Triggers of tools would fill a table that the target has not.
    return task.online_ddl.on && object.kind == ObjectKind::kTrigger &&
           config::ShadowNames::IsToolTrigger(object.name);
  });
  return destination.CreateObjects(catalog.objects, if_exists);
}

bool Has(const connector::Source& source, ObjectKind kind) {
  return std::ranges::count(source.table_objects(), kind) > 0;
}

// Migrated unasked and with statements of their own, before or after the tables.
std::vector<ObjectKind> UnaskedOf(const connector::Source& source) {
  std::vector<ObjectKind> kinds = source.table_objects();
  std::erase(kinds, ObjectKind::kTableSequence);
  std::erase(kinds, ObjectKind::kPartitioned);
  return kinds;
}

}  // namespace

std::vector<ObjectKind> ObjectKindsOf(const config::Task& task, const connector::Source& source) {
  std::vector<ObjectKind> kinds = ScopeOf(task).objects;
  for (const ObjectKind kind : UnaskedOf(source)) kinds.push_back(kind);
  if (Has(source, ObjectKind::kPartitioned)) kinds.push_back(ObjectKind::kPartitioned);
  return kinds;
}

bool ComesBeforeTables(const connector::CatalogObject& object) {
  return object.before_tables || object.kind == ObjectKind::kSequence;
}

base::Status CreateObjectsBeforeTables(const config::Task& task, connector::Source& source,
                                       connector::Destination& destination) {
  std::vector<ObjectKind> kinds = UnaskedOf(source);
  if (Has(source, ObjectKind::kTableRoutine)) {
    if (task.objects.routines) kinds.push_back(ObjectKind::kRoutine);
    // What triggers need is there from the start, so that what is amiss shows before the copy.
    if (task.objects.triggers) kinds.push_back(ObjectKind::kTrigger);
  }
  if (task.objects.sequences) kinds.push_back(ObjectKind::kSequence);
  return Create(task, source, destination, kinds, IfExistsOf(task), ComesBeforeTables);
}

base::StatusOr<std::vector<connector::CatalogObject>> ObjectsOfTables(const config::Task& task,
                                                                      connector::Source& source) {
  if (!Has(source, ObjectKind::kTableRoutine)) return std::vector<connector::CatalogObject>();
  std::vector<ObjectKind> kinds = {ObjectKind::kView, ObjectKind::kTableRoutine};
  if (task.objects.routines) kinds.push_back(ObjectKind::kRoutine);
  GODWIT_ASSIGN_OR_RETURN(connector::Catalog catalog, source.ReadCatalog(FilterOf(task), kinds));
  std::erase_if(catalog.objects, ComesBeforeTables);
  return std::move(catalog.objects);
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
  for (const ObjectKind kind : UnaskedOf(source)) kinds.push_back(kind);
  if (task.objects.routines) kinds.push_back(ObjectKind::kRoutine);
  if (task.objects.events) kinds.push_back(ObjectKind::kEvent);
  return Create(task, source, destination, kinds, IfExistsOf(task), ComesAfterTables);
}

base::Status CreateLastObjects(const config::Task& task, connector::Source& source,
                               connector::Destination& destination) {
  std::vector<ObjectKind> kinds;
  for (const ObjectKind kind : {ObjectKind::kTableSequence, ObjectKind::kPartitioned}) {
    if (Has(source, kind)) kinds.push_back(kind);
  }
  if (task.objects.sequences) kinds.push_back(ObjectKind::kSequence);
  if (task.objects.triggers) kinds.push_back(ObjectKind::kTrigger);
  GODWIT_RETURN_IF_ERROR(Create(task, source, destination, kinds, IfExistsOf(task)));
  if (!task.objects.rights) return base::OkStatus();
  // On all that there is by now; which of it is the task's, the kinds say.
  kinds = {ObjectKind::kRights};
  if (task.objects.routines && task.mode != config::Mode::kStream)
    kinds.push_back(ObjectKind::kRoutine);
  if (task.objects.triggers) kinds.push_back(ObjectKind::kTrigger);
  if (task.objects.sequences) kinds.push_back(ObjectKind::kSequence);
  return Create(
      task, source, destination, kinds, IfExistsOf(task),
      [](const connector::CatalogObject& object) { return object.kind == ObjectKind::kRights; });
}

base::Status DropLastObjects(const config::Task& task, connector::Source& source,
                             connector::Destination& destination) {
  std::vector<ObjectKind> kinds;
  if (task.objects.triggers) kinds.push_back(ObjectKind::kTrigger);
  // With what is made of them.
  if (Has(source, ObjectKind::kPartitioned)) kinds.push_back(ObjectKind::kPartitioned);
  if (kinds.empty()) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(const connector::Catalog catalog,
                          source.ReadCatalog(FilterOf(task), kinds));
  return destination.DropObjects(catalog.objects);
}

}  // namespace godwit::pipeline
