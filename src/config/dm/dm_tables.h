#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>
#include <vector>

#include "config/problems.h"

namespace godwit::config {

// The patterns of `tables` that take the same tables as one of DM's lists.
struct DmTables {
  std::vector<std::string> include, exclude;
};

// Of a rule of block-allow-list; a null node takes all. Names are compared with their case by us,
// and by DM where `case_sensitive`. What cannot be said by patterns goes to `problems`.
DmTables ReadDmTables(const YAML::Node& rule, bool case_sensitive, Problems& problems);

// One of DM's patterns for names: literally or with * ? [a-z], or after a ~ a regular expression
// that is found somewhere in the name. As a regular expression for the whole name; nothing: it
// has anchors where there is no place for them.
std::optional<std::string> DmNameExpression(const std::string& pattern);

}  // namespace godwit::config
