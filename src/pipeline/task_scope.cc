#include "pipeline/task_scope.h"

namespace godwit::pipeline {
namespace {

using connector::ObjectKind;

std::vector<ObjectKind> ObjectsOf(const config::Task& task) {
  std::vector<ObjectKind> kinds = {ObjectKind::kView};
  if (task.objects.triggers) kinds.push_back(ObjectKind::kTrigger);
  if (task.objects.routines) kinds.push_back(ObjectKind::kRoutine);
  if (task.objects.events) kinds.push_back(ObjectKind::kEvent);
  if (task.objects.sequences) kinds.push_back(ObjectKind::kSequence);
  if (task.objects.rights) kinds.push_back(ObjectKind::kRights);
  return kinds;
}

connector::LargeObjectChoice ChoiceOf(config::LargeObjects large_objects) {
  switch (large_objects) {
    case config::LargeObjects::kUndecided:
      return connector::LargeObjectChoice::kUndecided;
    case config::LargeObjects::kCopy:
      return connector::LargeObjectChoice::kCopy;
    case config::LargeObjects::kIgnore:
      return connector::LargeObjectChoice::kIgnore;
  }
  return connector::LargeObjectChoice::kUndecided;
}

using Role = connector::OnlineDdlRole;

Role RoleOf(const config::Task& task, std::string_view schema, std::string_view table,
            std::string_view real) {
  auto role = config::ShadowNames::Role::kNone;
  if (!real.empty()) {
    if (task.tables.Matches(schema, real)) role = task.shadow_names.RoleFor(table, real);
  } else {
    for (const config::ShadowNames::Owner& owner : task.shadow_names.OwnersOf(table)) {
      if (!task.tables.Matches(schema, owner.real)) continue;
      role = owner.role;
      break;
    }
  }
  switch (role) {
    case config::ShadowNames::Role::kNone:
      return Role::kNone;
    case config::ShadowNames::Role::kShadow:
      return Role::kShadow;
    case config::ShadowNames::Role::kTrash:
      return Role::kTrash;
  }
  return Role::kNone;
}

}  // namespace

connector::IfExists IfExistsOf(const config::Task& task) {
  switch (task.if_exists) {
    case config::IfExists::kError:
      return connector::IfExists::kError;
    case config::IfExists::kAppend:
      return connector::IfExists::kAppend;
    case config::IfExists::kReplace:
      return connector::IfExists::kReplace;
  }
  return connector::IfExists::kError;
}

connector::TableFilter FilterOf(const config::Task& task) {
  const config::Task* of = &task;
  connector::TableFilter filter = {
      [of](std::string_view schema, std::string_view table) {
        return of->tables.Matches(schema, table) && RoleOf(*of, schema, table, "") == Role::kNone;
      },
      [of](std::string_view schema) { return of->tables.MatchesSchema(schema); },
      [of](std::string_view schema) { return of->tables.MatchesAllOf(schema); },
      {}};
  if (task.online_ddl.on) {
    filter.online_ddl = [of](std::string_view schema, std::string_view table,
                             std::string_view real) { return RoleOf(*of, schema, table, real); };
  }
  return filter;
}

connector::CheckScope ScopeOf(const config::Task& task) {
  connector::CheckScope scope;
  scope.filter = FilterOf(task);
  scope.copies = task.mode != config::Mode::kStream;
  scope.objects = ObjectsOf(task);
  scope.large_objects = ChoiceOf(task.large_objects);
  scope.if_exists = IfExistsOf(task);
  return scope;
}

base::StatusOr<model::Position> ChosenStart(const config::Task& task, connector::Source& source) {
  if (const auto* start = std::get_if<config::StartGtid>(&task.stream.start))
    return source.ParsePosition(start->gtid, "", 0);
  if (const auto* start = std::get_if<config::StartFile>(&task.stream.start))
    return source.ParsePosition("", start->file, start->offset);
  return model::Position{};
}

}  // namespace godwit::pipeline
