#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/task.h"

// The task of a cluster: a task file that names sources in place of the section `source`.
namespace godwit::config {

struct ClusterTask {
  std::string name;
  std::vector<std::string> sources;  // each once, in the order of the file

  std::vector<std::string> warnings;  // each "file:line:column: message"
};

// Parses the text of such a file and checks all that can be without its sources; as ParseTask, with
// the same errors. It is read by whichever worker has a source: paths have to be absolute, and a
// password must not stand in it.
absl::StatusOr<ClusterTask> ParseClusterTask(std::string_view text, const std::string& file_name);

// The task on one of its sources, as `godwit run` would have it; its name is SubtaskName's. What is
// wrong is reported with the file that it stands in.
absl::StatusOr<Task> ParseSubtask(std::string_view task_text, const std::string& task_file,
                                  std::string_view source_text, const std::string& source_file);

// What a task on one source is called in its checkpoints, slots and locks: as the task, if that has
// no other source; else "<task>.<source>". At most 64 bytes: longer ones do not parse.
std::string SubtaskName(const std::string& task, const std::string& source, size_t sources);

}  // namespace godwit::config
