#pragma once

#include <yaml-cpp/yaml.h>

#include <map>
#include <string>
#include <vector>

#include "config/dm/dm_report.h"
#include "config/dm/import.h"

namespace godwit::config {

// What a task has to know of a source.
struct DmSource {
  std::string name;  // ours
  bool by_gtid = false;
};

// The task files that DM's task amounts to; `sources` by their source-id.
std::vector<NamedText> ImportDmTask(const YAML::Node& file,
                                    const std::map<std::string, DmSource>& sources,
                                    DmReport& report);

// The text of a file.
std::string DmWritten(const YAML::Node& node);

}  // namespace godwit::config
