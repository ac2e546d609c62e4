#include "config/file_kind.h"

#include "config/yaml_value.h"

namespace godwit::config {
namespace {

// The place of the key `name` that `wanted` is true of the value of.
std::optional<FilePlace> Find(const YAML::Node& root, std::string_view name,
                              bool (*wanted)(const YAML::Node& value)) {
  if (!root.IsMap()) return std::nullopt;
  for (const auto& entry : root) {
    if (entry.first.IsScalar() && entry.first.Scalar() == name && wanted(entry.second)) {
      return PlaceOf(entry.first);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<FilePlace> FindSourceNames(const YAML::Node& task) {
  if (const auto place = Find(task, "sources", [](const YAML::Node&) { return true; })) {
    return place;
  }
  return Find(task, "source", [](const YAML::Node& value) { return value.IsScalar(); });
}

std::optional<FilePlace> FindSourceSection(const YAML::Node& task) {
  return Find(task, "source", [](const YAML::Node& value) { return value.IsMap(); });
}

}  // namespace godwit::config
