#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

#include "config/problems.h"

namespace godwit::config {

// What is said of one of DM's files.
struct DmReport {
  explicit DmReport(const std::string& file) : fatal(file), kept(file) {}
  Problems fatal;  // by which there is nothing to carry over
  Problems kept;   // errors: left out; warnings: notes
};

// A name as tasks and sources of ours may have it: other characters become "-".
std::string DmName(const std::string& name);

// The keys of an end of a task, of DM's section `from` (of this path): url, password_env with this
// name of a variable, ssl.
YAML::Node DmEndpoint(const YAML::Node& from, const std::string& path, const std::string& scheme,
                      const std::string& variable, DmReport& report);

// The name of an environment variable for a password.
std::string DmVariable(const std::string& name);

}  // namespace godwit::config
