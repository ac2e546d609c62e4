#include "config/task.h"

#include "base/status.h"
#include "config/file_kind.h"
#include "config/read_file.h"
#include "config/read_keys.h"
#include "config/task_rules.h"
#include "config/yaml_document.h"

namespace godwit::config {

absl::StatusOr<Task> ParseTask(std::string_view text, const std::string& file_name) {
  TaskDraft draft(file_name);
  const std::optional<YAML::Node> root = LoadDocument(text, draft.problems);
  if (!root) return draft.problems.ToStatus();
  if (const auto place = FindSourceNames(*root)) {
    draft.problems.Error(*place,
                         "the task of a cluster, which names its sources: `godwit task add` takes "
                         "it; for a task that runs here write the section `source` in its place, "
                         "with the url of the server");
    return draft.problems.ToStatus();
  }
  ReadKeys(*root, {TaskKeys()}, draft);
  return ToTask(draft);
}

absl::StatusOr<Task> LoadTask(const std::string& path) {
  GODWIT_ASSIGN_OR_RETURN(std::string text, ReadFile(path, kMostFileBytes));
  return ParseTask(text, path);
}

}  // namespace godwit::config
