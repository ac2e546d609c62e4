#include <algorithm>

#include "cluster/operations.h"
#include "cluster/writing.h"

namespace godwit::cluster {
namespace {

// By request: what it needs to be as yet, in words, and what comes of it.
struct Change {
  std::string_view verb, needed;
  bool from_none, from_running, from_paused;
  std::optional<Stage> to;
};

const Change& ChangeOf(TaskRequest request) {
  static constexpr Change kChanges[] = {
      /* kStart */ {"start", "stopped", true, false, false, Stage::kRunning},
      /* kStop */ {"stop", "started", false, true, true, std::nullopt},
      /* kPause */ {"pause", "running", false, true, false, Stage::kPaused},
      /* kResume */ {"resume", "started", false, true, true, Stage::kRunning},
  };
  return kChanges[static_cast<size_t>(request)];
}

bool IsValid(const Change& change, const Maybe<ExpectedStage>& stage) {
  if (!stage) return change.from_none;
  return stage->record.stage == Stage::kRunning ? change.from_running : change.from_paused;
}

base::StatusOr<const Known<TaskRecord>*> KnownTask(const View& view, const std::string& name) {
  if (const Known<TaskRecord>* task = view.FindTask(name)) return task;
  if (const auto why = view.unreadable().find(TaskKey(name)); why != view.unreadable().end()) {
    return base::FailedPrecondition("the task {} is left as it is: {}", name, why->second);
  }
  return base::NotFound("there is no task {}: add it, or look at those that there are", name);
}

base::Status NotOnSource(const std::string& task, const std::string& source) {
  return base::NotFound("the task {} has no source {}: look at those that it has", task, source);
}

base::Status CheckConfigs(const std::string& task, const TaskConfig& config) {
  GODWIT_RETURN_IF_ERROR(CheckConfig("the task " + task, config.config));
  for (const auto& [source, subtask] : config.subtasks) {
    GODWIT_RETURN_IF_ERROR(
        CheckConfig(fmt::format("the task {} on the source {}", task, source), subtask));
  }
  return base::OkStatus();
}

std::vector<std::string> SourcesOf(const TaskConfig& config) {
  std::vector<std::string> sources;
  for (const auto& [source, subtask] : config.subtasks) sources.push_back(source);
  return sources;
}

// Above all that the same place gave before, as the epochs of bindings are.
int64_t RestartOrder(const View& view, const View::Subtask& subtask) {
  const int64_t era = view.era() ? view.era()->record.unix_us : 0;
  return std::max(era + view.revision(), subtask.config->record.restart + 1);
}

// What there is of a task on a source.
const View::Subtask& SubtaskOf(const View::Source& source, const std::string& task) {
  static const View::Subtask kNone;
  const auto found = source.subtasks.find(task);
  return found == source.subtasks.end() ? kNone : found->second;
}

}  // namespace

Wanted AddTask(const View& view, store::Revision leadership, const std::string& name,
               const TaskConfig& config, bool is_stopped) {
  GODWIT_RETURN_IF_ERROR(CheckName("a task", name));
  GODWIT_RETURN_IF_ERROR(CheckConfigs(name, config));
  if (KnownTask(view, name).status().code() != base::StatusCode::kNotFound) {
    return base::FailedPrecondition("there is a task {} already: update it, or remove it first",
                                    name);
  }
  if (config.subtasks.empty() || config.subtasks.size() > kMostSubtasks) {
    return base::InvalidArgument("the task {} has {} sources: name at least one, and at most {}",
                                 name, config.subtasks.size(), kMostSubtasks);
  }
  Writing writing(view, leadership);
  writing.Set(TaskKey(name), Maybe<TaskRecord>(), {config.config, SourcesOf(config)});
  for (const auto& [source_name, subtask_config] : config.subtasks) {
    GODWIT_ASSIGN_OR_RETURN(const View::Source* source, KnownSource(view, source_name));
    const View::Subtask& subtask = SubtaskOf(*source, name);
    writing.Set(SubtaskKey(source_name, name), subtask.config,
                SubtaskRecord{.config = subtask_config});
    // Its stage stands for the source's configuration too, which an update may change meanwhile.
    if (!is_stopped) {
      writing.Set(SubtaskStageKey(source_name, name), subtask.stage,
                  ExpectedStage{Stage::kRunning});
    }
  }
  return writing.Take();
}

Wanted UpdateTask(const View& view, store::Revision leadership, const std::string& name,
                  const TaskConfig& config) {
  GODWIT_ASSIGN_OR_RETURN(const Known<TaskRecord>* task, KnownTask(view, name));
  GODWIT_RETURN_IF_ERROR(CheckConfigs(name, config));
  if (SourcesOf(config) != task->record.sources) {
    return base::FailedPrecondition(
        "the task {} has other sources than its new configuration: add a task of another name for "
        "those that are new",
        name);
  }
  Writing writing(view, leadership);
  writing.Set(TaskKey(name), Maybe<TaskRecord>(*task), {config.config, task->record.sources});
  for (const auto& [source_name, subtask_config] : config.subtasks) {
    GODWIT_ASSIGN_OR_RETURN(const View::Source* source, KnownSource(view, source_name));
    const View::Subtask& subtask = SubtaskOf(*source, name);
    const int64_t restart = subtask.config ? subtask.config->record.restart : 0;
    writing.Set(SubtaskKey(source_name, name), subtask.config,
                SubtaskRecord{.config = subtask_config, .restart = restart});
  }
  return writing.Take();
}

Wanted RemoveTask(const View& view, store::Revision leadership, const std::string& name) {
  GODWIT_ASSIGN_OR_RETURN(const Known<TaskRecord>* task, KnownTask(view, name));
  Writing writing(view, leadership);
  writing.Erase(TaskKey(name), Maybe<TaskRecord>(*task));
  for (const std::string& source_name : task->record.sources) {
    GODWIT_ASSIGN_OR_RETURN(const View::Source* source, KnownSource(view, source_name));
    const View::Subtask& subtask = SubtaskOf(*source, name);
    writing.Erase(SubtaskKey(source_name, name), subtask.config);
    writing.Erase(SubtaskStageKey(source_name, name), subtask.stage);
    writing.Erase(StateKey(source_name, name), subtask.state);
  }
  return writing.Take();
}

Wanted ChangeTask(const View& view, store::Revision leadership, const std::string& name,
                  TaskRequest request, const std::vector<std::string>& sources) {
  GODWIT_ASSIGN_OR_RETURN(const Known<TaskRecord>* task, KnownTask(view, name));
  const Change& change = ChangeOf(request);
  Writing writing(view, leadership);
  writing.Given(TaskKey(name), Maybe<TaskRecord>(*task));
  size_t changed = 0;
  for (const std::string& source_name : sources.empty() ? task->record.sources : sources) {
    GODWIT_ASSIGN_OR_RETURN(const View::Source* source, KnownSource(view, source_name));
    const View::Subtask& subtask = SubtaskOf(*source, name);
    if (!subtask.config) return NotOnSource(name, source_name);
    if (!IsValid(change, subtask.stage)) {
      if (sources.empty()) continue;
      return base::FailedPrecondition(
          "the task {} cannot be asked to {} on the source {}: it is {} there, not {}", name,
          change.verb, source_name,
          subtask.stage ? ToText(subtask.stage->record.stage) : ToText(Stage::kStopped),
          change.needed);
    }
    const std::string key = SubtaskStageKey(source_name, name);
    ++changed;
    if (change.to) {
      writing.Set(key, subtask.stage, ExpectedStage{*change.to});
    } else {
      writing.Erase(key, subtask.stage);
    }
  }
  if (changed == 0) {
    return base::FailedPrecondition(
        "the task {} cannot be asked to {}: it is {} on none of its sources; look at its status",
        name, change.verb, change.needed);
  }
  return writing.Take();
}

Wanted RestartTask(const View& view, store::Revision leadership, const std::string& name,
                   const std::vector<std::string>& sources) {
  GODWIT_ASSIGN_OR_RETURN(const Known<TaskRecord>* task, KnownTask(view, name));
  Writing writing(view, leadership);
  writing.Given(TaskKey(name), Maybe<TaskRecord>(*task));
  for (const std::string& source_name : sources.empty() ? task->record.sources : sources) {
    GODWIT_ASSIGN_OR_RETURN(const View::Source* source, KnownSource(view, source_name));
    const View::Subtask& subtask = SubtaskOf(*source, name);
    if (!subtask.config) return NotOnSource(name, source_name);
    SubtaskRecord record = subtask.config->record;
    record.restart = RestartOrder(view, subtask);
    writing.Set(SubtaskKey(source_name, name), subtask.config, record);
    writing.Set(SubtaskStageKey(source_name, name), subtask.stage, ExpectedStage{Stage::kRunning});
  }
  return writing.Take();
}

}  // namespace godwit::cluster
