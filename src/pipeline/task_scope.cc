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
  return kinds;
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
  const config::TableFilter* filter = &task.tables;
  return {[filter](std::string_view schema, std::string_view table) {
            return filter->Matches(schema, table);
          },
          [filter](std::string_view schema) { return filter->MatchesSchema(schema); },
          [filter](std::string_view schema) { return filter->MatchesAllOf(schema); }};
}

connector::CheckScope ScopeOf(const config::Task& task) {
  connector::CheckScope scope;
  scope.filter = FilterOf(task);
  scope.copies = task.mode != config::Mode::kStream;
  scope.objects = ObjectsOf(task);
  scope.if_exists = IfExistsOf(task);
  return scope;
}

}  // namespace godwit::pipeline
