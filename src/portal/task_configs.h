#pragma once

#include <string>
#include <vector>

#include "config/cluster_task.h"
#include "portal/control.h"

// A task's file and those of its sources, put together.
namespace godwit::portal {

// A task on one of its sources.
struct SubtaskConfig {
  std::string source, source_text;
  config::Task task;
};

struct TaskConfigs {
  config::ClusterTask file;
  std::string text;
  std::vector<SubtaskConfig> subtasks;  // in the order of the file
};

// Of a file that may not have been added. kInvalidArgument: it is wrong; kNotFound: a source that
// it names is not there.
base::StatusOr<TaskConfigs> ReadTaskConfigs(Control& control, const std::string& text);
// Of a task that has been. kNotFound.
base::StatusOr<TaskConfigs> ReadKnownTask(Control& control, const std::string& name);

// As the control plane keeps it.
cluster::TaskConfig ForControl(const TaskConfigs& configs);

// Those of the task's subtasks that are named; of none: all. kNotFound: it has no such source.
base::StatusOr<std::vector<const SubtaskConfig*>> Chosen(const TaskConfigs& configs,
                                                         const std::vector<std::string>& sources);

}  // namespace godwit::portal
