#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "config/problems.h"

namespace godwit::config {

enum class DmFate : uint8_t {
  kCarried,  // over, or told of where that is tried
  kSection,  // has keys of its own
  kRules,    // has named rules, each with these keys: "filters.events" of the rule "no-drop"
  kItems,    // is a list of mappings with these keys
  kNoted,    // has no counterpart, and needs none
  kLost,     // has no counterpart
};

// One key of DM's files. The walk through the files and the test of docs/from-dm.md go by the lists
// of these.
struct DmKey {
  std::string_view path;  // as in "syncers.batch"
  DmFate fate;
  std::string_view usual = "";  // values by which there is nothing to say, divided by |
  std::string_view say = "";    // else
};

std::span<const DmKey> DmTaskKeys();
std::span<const DmKey> DmSourceKeys();

// Reports what is set in `map` and is not carried over: as an error what has an effect, as a
// warning what has none. `map` is a file, or a section or rule with such a path.
void ReportDmKeys(const YAML::Node& map, std::span<const DmKey> keys, Problems& problems,
                  const std::string& path = "");

// The value of `key`, or nothing (a null node) where `map` is none or has no such key.
YAML::Node DmChild(const YAML::Node& map, std::string_view key);
std::string DmText(const YAML::Node& map, std::string_view key);  // of a single value, else empty
FilePlace DmPlace(const YAML::Node& node);  // the file's beginning where the node is null
bool IsTrue(const YAML::Node& map, std::string_view key, bool usual);

}  // namespace godwit::config
