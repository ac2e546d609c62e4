#include "portal/task_configs.h"

#include <algorithm>
#include <map>

namespace godwit::portal {

base::StatusOr<TaskConfigs> ReadTaskConfigs(Control& control, const std::string& text) {
  TaskConfigs configs{.text = text};
  GODWIT_ASSIGN_OR_RETURN(configs.file, config::ParseClusterTask(text, "task file"));
  using Texts = std::map<std::string, std::string>;
  GODWIT_ASSIGN_OR_RETURN(
      const Texts sources, control.Find([&](const cluster::View& view) -> base::StatusOr<Texts> {
        Texts found;
        for (const std::string& name : configs.file.sources) {
          const cluster::View::Source* source = view.FindSource(name);
          if (!source || !source->config) {
            return base::NotFound("there is no source {}, which the task {} names: add it first",
                                  name, configs.file.name);
          }
          found[name] = source->config->record.config;
        }
        return found;
      }));
  for (const std::string& name : configs.file.sources) {
    const std::string& source = sources.at(name);
    GODWIT_ASSIGN_OR_RETURN(config::Task task,
                            config::ParseSubtask(text, "task file", source, "source " + name));
    for (const std::string& warning : task.warnings) {
      if (std::ranges::find(configs.file.warnings, warning) == configs.file.warnings.end()) {
        configs.file.warnings.push_back(warning);
      }
    }
    configs.subtasks.push_back({name, source, std::move(task)});
  }
  return configs;
}

base::StatusOr<TaskConfigs> ReadKnownTask(Control& control, const std::string& name) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::string text,
      control.Find([&](const cluster::View& view) -> base::StatusOr<std::string> {
        if (const auto* task = view.FindTask(name)) return task->record.config;
        return base::NotFound("there is no task {}: add it, or look at those that there are", name);
      }));
  return ReadTaskConfigs(control, text);
}

cluster::TaskConfig ForControl(const TaskConfigs& configs) {
  cluster::TaskConfig config{.config = configs.text};
  for (const SubtaskConfig& subtask : configs.subtasks) {
    config.subtasks[subtask.source] = configs.text;
  }
  return config;
}

base::StatusOr<std::vector<const SubtaskConfig*>> Chosen(const TaskConfigs& configs,
                                                         const std::vector<std::string>& sources) {
  std::vector<const SubtaskConfig*> chosen;
  for (const SubtaskConfig& subtask : configs.subtasks) {
    if (sources.empty() || std::ranges::find(sources, subtask.source) != sources.end()) {
      chosen.push_back(&subtask);
    }
  }
  for (const std::string& source : sources) {
    if (std::ranges::find(configs.file.sources, source) == configs.file.sources.end()) {
      return base::NotFound("the task {} has no source {}: look at those that it has",
                            configs.file.name, source);
    }
  }
  return chosen;
}

}  // namespace godwit::portal
