#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

// A task goes from `godwit run` to a cluster, and back. Its checkpoint is on the target, under its
// name, so that it is carried on.
namespace godwit::config {

struct SplitTask {
  std::string source_text, task_text;  // see source_file.h and cluster_task.h; without comments
};

// The task file of a run as the files of a cluster: a source with the name of the task, and the
// task on it. kInvalidArgument, as of ParseTask, for what a cluster does not take: relative paths
// and passwords in plain text.
absl::StatusOr<SplitTask> SplitLocalTask(std::string_view text, const std::string& file_name);

// The reverse. kFailedPrecondition: the task has other sources too, so that it is no task of
// `godwit run`.
absl::StatusOr<std::string> JoinTask(std::string_view source_text, std::string_view task_text);

}  // namespace godwit::config
