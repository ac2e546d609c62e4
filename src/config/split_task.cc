#include "config/split_task.h"

#include "base/status.h"
#include "config/cluster_task.h"
#include "config/file_kind.h"
#include "config/read_keys.h"
#include "config/source_file.h"
#include "config/task_rules.h"
#include "config/yaml_document.h"

namespace godwit::config {
namespace {

std::string Written(const YAML::Node& node) {
  YAML::Emitter out;
  out << node;
  return std::string(out.c_str()) + "\n";
}

// Where it keeps the log is its worker's to say.
YAML::Node WithoutFolder(const YAML::Node& relay) {
  YAML::Node limits(YAML::NodeType::Map);
  for (const auto& entry : relay) {
    if (entry.first.Scalar() != "dir") limits[entry.first] = entry.second;
  }
  return limits.size() > 0 ? limits : YAML::Node("on");
}

}  // namespace

absl::StatusOr<SplitTask> SplitLocalTask(std::string_view text, const std::string& file_name) {
  TaskDraft draft(file_name);
  draft.is_of_cluster = true;
  draft.problems.RefuseRelativePaths();
  const std::optional<YAML::Node> root = LoadDocument(text, draft.problems);
  if (!root) return draft.problems.ToStatus();
  if (const auto place = FindSourceNames(*root)) {
    draft.problems.Error(*place,
                         "the task of a cluster already, which names its sources; `godwit task "
                         "add` takes it");
    return draft.problems.ToStatus();
  }
  ReadKeys(*root, {TaskKeys()}, draft);
  GODWIT_ASSIGN_OR_RETURN(const Task read, ToTask(draft));

  YAML::Node source(YAML::NodeType::Map), task(YAML::NodeType::Map);
  source["name"] = read.name;
  for (const auto& entry : *root) {
    if (entry.first.Scalar() != "source") {
      task[entry.first] = entry.second;
      continue;
    }
    for (const auto& of_source : entry.second) {
      if (of_source.first.Scalar() == "relay")
        source["relay"] = WithoutFolder(of_source.second);
      else
        source[of_source.first] = of_source.second;
    }
    task["sources"].push_back(read.name);
  }
  return SplitTask{Written(source), Written(task)};
}

absl::StatusOr<std::string> JoinTask(std::string_view source_text, std::string_view task_text) {
  GODWIT_RETURN_IF_ERROR(ParseSubtask(task_text, "task", source_text, "source").status());
  GODWIT_ASSIGN_OR_RETURN(const ClusterTask read, ParseClusterTask(task_text, "task"));
  if (read.sources.size() > 1) {
    return base::FailedPrecondition(
        "task {}: it has {} sources, and `godwit run` takes a task on one; what it would be called "
        "there is not what its checkpoint on the target is called",
        read.name, read.sources.size());
  }
  GODWIT_ASSIGN_OR_RETURN(const SourceFile kept, ParseSourceFile(source_text, "source"));
  Problems problems("task", "source");
  const std::optional<YAML::Node> task = LoadDocument(task_text, problems);
  const std::optional<YAML::Node> source = LoadDocument(source_text, problems, 1);
  if (!task || !source) return problems.ToStatus();

  YAML::Node joined(YAML::NodeType::Map);
  for (const auto& entry : *task) {
    const std::string& key = entry.first.Scalar();
    if (key != "source" && key != "sources") {
      joined[entry.first] = entry.second;
      continue;
    }
    for (const auto& of_source : *source) {
      const std::string& name = of_source.first.Scalar();
      if (name != "name" && name != "relay") joined["source"][of_source.first] = of_source.second;
    }
  }
  const std::string_view note = kept.relay ? "# The cluster kept the log of this source (relay: "
                                             "on); a run does with source.relay.dir.\n"
                                           : "";
  return fmt::format("{}{}", note, Written(joined));
}

}  // namespace godwit::config
