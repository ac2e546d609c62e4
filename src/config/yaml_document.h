#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string_view>

#include "config/problems.h"

namespace godwit::config {

inline constexpr size_t kMostFileBytes = 1024 * 1024;

// The root of the one document that `text` holds; nothing, and a report to `problems`, where that
// is not valid YAML, empty, more than one document or more than kMostFileBytes. `file` is
// FilePlace::file. No report repeats text of the document, which may hold a password. All
// exceptions that yaml-cpp throws for a text end here.
std::optional<YAML::Node> LoadDocument(std::string_view text, Problems& problems, int file = 0);

}  // namespace godwit::config
