#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/problems.h"
#include "config/task.h"
#include "config/yaml_value.h"

namespace godwit::config {

// A task as far as it has been read.
struct TaskDraft {
  explicit TaskDraft(const std::string& file_name) : problems(file_name) {}

  Task task;
  std::vector<TablePattern> include, exclude;
  std::vector<FilePlace> include_places;               // of the patterns in `include`
  std::map<std::string, FilePlace, std::less<>> seen;  // keys and sections, and "objects.events"
  Problems problems;
};

// One key of the task file. The parser, the check for unknown keys and the test of the reference
// (docs/task-file.md) all go by the list of these.
struct TaskKey {
  std::string_view path;      // with its sections: "copy.threads"
  std::string_view fallback;  // the default, written as the file would have it; empty: none
  bool required;
  void (*read)(const YamlValue& value, TaskDraft& draft);  // what is wrong goes to draft.problems
};

// All keys, in the order of the reference. Sections are the prefixes of their paths.
std::span<const TaskKey> TaskKeys();

}  // namespace godwit::config
