#pragma once

#include <map>

#include "config/task.h"
#include "config/yaml_value.h"
#include "model/ddl_kind.h"

// What is done about which DDL. What is wrong goes to `problems`.
namespace godwit::config {

void ReadDdlPolicy(const YamlValue& value, DdlPolicy& policy, Problems& problems);

// A mapping of kinds to policies. To ignore a RENAME would leave rows without a table of theirs.
void ReadDdlEvents(const YamlValue& value, std::map<model::DdlKind, DdlPolicy>& events,
                   Problems& problems);

}  // namespace godwit::config
