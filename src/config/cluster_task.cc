#include "config/cluster_task.h"

#include <algorithm>

#include "base/status.h"
#include "config/file_kind.h"
#include "config/read_keys.h"
#include "config/task_rules.h"
#include "config/yaml_document.h"

namespace godwit::config {
namespace {

constexpr size_t kLongestName = 64;  // of Task::name

// What there is to say of the names of task and sources together.
void CheckNames(TaskDraft& draft) {
  Problems& problems = draft.problems;
  const auto list = draft.seen.find("sources"), single = draft.seen.find("source");
  if (list != draft.seen.end() && single != draft.seen.end()) {
    problems.Error(std::max(list->second, single->second),
                   "either `sources` or `source` may stand, not both");
  } else if (list == draft.seen.end() && single == draft.seen.end()) {
    problems.Error({}, "the key 'sources' is missing");
  }
  for (size_t i = 0; i < draft.sources.size(); ++i) {
    const std::string name = SubtaskName(draft.task.name, draft.sources[i], draft.sources.size());
    if (name.size() <= kLongestName) continue;
    problems.Error(draft.source_places[i],
                   "sources: on this source the task is called {}, which is {} bytes long and may "
                   "be {}; choose a shorter name for the task or the source",
                   name, name.size(), kLongestName);
  }
}

// False: it is none.
bool ReadClusterTask(std::string_view text, TaskDraft& draft) {
  const std::optional<YAML::Node> root = LoadDocument(text, draft.problems);
  if (!root) return false;
  if (const auto place = FindSourceSection(*root)) {
    draft.problems.Error(*place,
                         "a task of a cluster names its sources (`sources: [a, b]`), which are "
                         "added by themselves; `godwit task import` takes a task file of `godwit "
                         "run` as it is");
    return false;
  }
  ReadKeys(*root, {ClusterTaskKeys()}, draft);
  CheckNames(draft);
  return true;
}

}  // namespace

std::string SubtaskName(const std::string& task, const std::string& source, size_t sources) {
  return sources == 1 ? task : fmt::format("{}.{}", task, source);
}

absl::StatusOr<ClusterTask> ParseClusterTask(std::string_view text, const std::string& file_name) {
  TaskDraft draft(file_name);
  draft.MakeClusters();
  if (ReadClusterTask(text, draft)) CheckRules(draft);
  GODWIT_RETURN_IF_ERROR(draft.problems.ToStatus());
  return ClusterTask{std::move(draft.task.name), std::move(draft.sources),
                     draft.problems.Warnings()};
}

absl::StatusOr<Task> ParseSubtask(std::string_view task_text, const std::string& task_file,
                                  std::string_view source_text, const std::string& source_file) {
  TaskDraft draft(task_file, source_file);
  draft.MakeClusters();
  const bool is_task = ReadClusterTask(task_text, draft);
  const std::optional<YAML::Node> source = LoadDocument(source_text, draft.problems, 1);
  if (source) ReadKeys(*source, {SourceFileKeys(), kSourceSection, 1}, draft);
  if (!is_task || !source) return draft.problems.ToStatus();
  const std::vector<std::string>& names = draft.sources;
  if (!names.empty() && !draft.source_name.empty() &&
      std::ranges::find(names, draft.source_name) == names.end()) {
    draft.problems.Error(draft.source_places.front(), "sources: {} is not among them",
                         draft.source_name);
  }
  GODWIT_ASSIGN_OR_RETURN(Task task, ToTask(draft));
  task.name = SubtaskName(task.name, draft.source_name, names.size());
  return task;
}

}  // namespace godwit::config
