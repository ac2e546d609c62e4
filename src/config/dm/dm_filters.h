#pragma once

#include <yaml-cpp/yaml.h>

#include <span>
#include <string>

#include "config/dm/dm_tables.h"
#include "config/problems.h"

namespace godwit::config {

struct DmFilter {
  std::string name;
  YAML::Node rule;
  FilePlace place;
};

// The section `ddl` of a task with these tables; a null node where there is nothing to say. Rules
// about rows, statements or some of the tables are reported to `problems`.
YAML::Node ReadDmFilters(std::span<const DmFilter> filters, const DmTables& tables,
                         Problems& problems);

}  // namespace godwit::config
