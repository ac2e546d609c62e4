#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/problems.h"
#include "config/task.h"
#include "config/yaml_value.h"

namespace godwit::config {

// The section of a task that a cluster's source has as a file of its own.
inline constexpr std::string_view kSourceSection = "source.";

// A task as far as it has been read, or a source.
struct TaskDraft {
  explicit TaskDraft(const std::string& file_name, const std::string& source_file = "")
      : problems(file_name, source_file) {}

  Task task;
  std::vector<TablePattern> include, exclude;
  std::vector<FilePlace> include_places;               // of the patterns in `include`
  std::map<std::string, FilePlace, std::less<>> seen;  // keys and sections, and "objects.events"

  // Of a cluster, whose files are kept in its store and read by any worker.
  void MakeClusters() {
    is_of_cluster = source_is_apart = true;
    problems.RefuseRelativePaths();
  }
  bool is_of_cluster = false;
  bool source_is_apart = false;  // its keys stand in a file of their own, without "source."
  std::vector<std::string> sources;
  std::vector<FilePlace> source_places;  // of the names in `sources`
  std::string source_name;
  bool relay = false;
  Problems problems;
};

// One key of a file. The parser, the check for unknown keys and the tests of the references
// (docs/task-file.md, docs/source-file.md) all go by the lists of these.
struct TaskKey {
  std::string_view path;      // with its sections: "copy.threads"
  std::string_view fallback;  // the default, written as the file would have it; empty: none
  bool required;
  void (*read)(const YamlValue& value, TaskDraft& draft);  // what is wrong goes to draft.problems
};

// All keys of a task file, in the order of the reference. Sections are the prefixes of their paths.
std::span<const TaskKey> TaskKeys();
// Those of a cluster's task file, which names its sources, ...
std::span<const TaskKey> ClusterTaskKeys();
// ... and of the file of such a source: kSourceSection's, without that, and two more.
std::span<const TaskKey> SourceFileKeys();

// A name of a task or source: 1 to 64 of a-z 0-9 _ -, or else a report.
std::optional<std::string> ReadTaskName(const YamlValue& value, Problems& problems);

}  // namespace godwit::config
