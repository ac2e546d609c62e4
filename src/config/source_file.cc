#include "config/source_file.h"

#include "base/status.h"
#include "config/read_keys.h"
#include "config/task_rules.h"
#include "config/yaml_document.h"

namespace godwit::config {

absl::StatusOr<SourceFile> ParseSourceFile(std::string_view text, const std::string& file_name) {
  TaskDraft draft(file_name);
  draft.MakeClusters();
  if (const std::optional<YAML::Node> root = LoadDocument(text, draft.problems)) {
    if (root->IsMap() && ((*root)["tables"] || (*root)["target"])) {
      draft.problems.Error({},
                           "a task, not a source: `godwit task add` takes it if it names its "
                           "sources, `godwit task import` if it has the section `source`");
    } else {
      ReadKeys(*root, {SourceFileKeys(), kSourceSection}, draft);
      CheckRules(draft);
    }
  }
  GODWIT_RETURN_IF_ERROR(draft.problems.ToStatus());
  Task& read = draft.task;
  return SourceFile{std::move(draft.source_name),
                    std::move(read.source),
                    read.slot_wal,
                    std::move(read.streaming),
                    draft.relay,
                    read.relay,
                    draft.problems.Warnings()};
}

}  // namespace godwit::config
