#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>

#include "config/problems.h"

// What tells the files of a cluster from those of `godwit run`, so that one that is given in place
// of another gets an error that says what to do.
namespace godwit::config {

// Where a task names sources of a cluster; nothing: it does not.
std::optional<FilePlace> FindSourceNames(const YAML::Node& task);

// Where a task has the section of its source, as those of `godwit run` do; nothing: it has none.
std::optional<FilePlace> FindSourceSection(const YAML::Node& task);

}  // namespace godwit::config
