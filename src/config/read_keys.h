#pragma once

#include <yaml-cpp/yaml.h>

#include <span>
#include <string_view>

#include "config/task_keys.h"

namespace godwit::config {

// The keys that one kind of file may have, and which file it is.
struct FileKeys {
  std::span<const TaskKey> keys;
  // What the file is a section of, as TaskDraft::seen has it: "source." of a file that has the keys
  // of that section. Empty: all there is.
  std::string_view within = "";
  int file = 0;  // FilePlace::file
};

// Reads all keys of the file into `draft`. What is not known, stands twice or is missing goes to
// its problems, as does what is wrong with a value.
void ReadKeys(const YAML::Node& root, const FileKeys& file, TaskDraft& draft);

}  // namespace godwit::config
