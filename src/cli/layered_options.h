#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/status.h"

namespace godwit::cli {

// Options of a process that runs for long, each given by a file (`--config`, YAML: "etcd:
// http://...", names as on the command line), by the command line, or by an environment variable,
// GODWIT_ with the name in capitals: the later of these goes before the earlier.
class LayeredOptions {
 public:
  explicit LayeredOptions(CLI::App& app);

  // `value` outlives this; what it has is the default. Names are without dashes before them.
  void Add(const std::string& name, std::string& value, const std::string& about,
           const std::string& type);
  void AddFlag(const std::string& name, bool& value, const std::string& about);

  // After the command line has been read: fills in all values.
  base::Status Resolve();
  // After that: whether any of these has it.
  bool IsGiven(const std::string& name) const;

 private:
  struct Layered {
    std::string name;
    CLI::Option* option;
    std::string* text;
    bool* flag;
    bool is_given = false;
  };
  base::Status Set(const Layered& layered, const std::string& value) const;
  static std::string VariableOf(const std::string& name);

  CLI::App& app_;
  std::string file_;
  std::vector<Layered> options_;
};

}  // namespace godwit::cli
