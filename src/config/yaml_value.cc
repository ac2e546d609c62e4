#include "config/yaml_value.h"

#include <filesystem>

#include "base/status.h"
#include "base/text.h"
#include "config/quantity.h"
#include "config/quoted.h"
#include "config/suggest.h"

namespace godwit::config {
namespace {

std::string_view KindOf(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return "a single value";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Map:
      return "a mapping";
    case YAML::NodeType::Null:
    case YAML::NodeType::Undefined:
      break;
  }
  return "nothing";
}

// The text of a single value, or a report that `wanted` was expected.
std::optional<std::string> ReadScalar(const YamlValue& value, std::string_view wanted,
                                      Problems& problems) {
  if (!value.node.IsScalar()) {
    problems.Error(value.place, "{}: has to be {}, not {}", value.path, wanted, KindOf(value.node));
    return std::nullopt;
  }
  // The libraries that most values end in would take a zero byte for the end.
  if (value.node.Scalar().find('\0') != std::string::npos) {
    problems.Error(value.place, "{}: holds a zero byte", value.path);
    return std::nullopt;
  }
  return value.node.Scalar();
}

}  // namespace

FilePlace PlaceOf(const YAML::Node& node) {
  YAML::Mark mark = node.Mark();
  return {mark.line + 1, mark.column + 1};
}

std::optional<std::string> ReadText(const YamlValue& value, Problems& problems) {
  return ReadScalar(value, "a text", problems);
}

std::optional<int64_t> ReadInteger(const YamlValue& value, int64_t least, int64_t most,
                                   Problems& problems) {
  std::string wanted = fmt::format("a whole number from {} to {}", least, most);
  std::optional<std::string> text = ReadScalar(value, wanted, problems);
  if (!text) return std::nullopt;
  std::optional<int64_t> number = base::ParseInteger<int64_t>(*text);
  bool quoted = value.node.Tag() == "!";
  if (quoted || !number || *number < least || *number > most) {
    problems.Error(value.place, "{}: has to be {}{}, not {}", value.path, wanted,
                   quoted ? " without quotes" : "", Quoted(*text));
    return std::nullopt;
  }
  return number;
}

std::optional<uint64_t> ReadBytes(const YamlValue& value, uint64_t least, uint64_t most,
                                  Problems& problems) {
  std::optional<std::string> text = ReadScalar(value, "a size such as 64MiB", problems);
  if (!text) return std::nullopt;
  absl::StatusOr<uint64_t> bytes = ParseBytes(*text);
  if (!bytes.ok()) {
    problems.Error(value.place, "{}: has to be a size such as 64MiB, not {}: {}", value.path,
                   Quoted(*text), bytes.status().message());
    return std::nullopt;
  }
  if (*bytes < least || *bytes > most) {
    problems.Error(value.place, "{}: has to be from {} to {}, not {}", value.path,
                   FormatBytes(least), FormatBytes(most), Quoted(*text));
    return std::nullopt;
  }
  return *bytes;
}

std::optional<std::chrono::milliseconds> ReadDuration(const YamlValue& value,
                                                      std::chrono::milliseconds most,
                                                      Problems& problems) {
  std::optional<std::string> text = ReadScalar(value, "a duration such as 10min", problems);
  if (!text) return std::nullopt;
  absl::StatusOr<std::chrono::milliseconds> duration = ParseDuration(*text);
  if (!duration.ok()) {
    problems.Error(value.place, "{}: has to be a duration such as 10min, not {}: {}", value.path,
                   Quoted(*text), duration.status().message());
    return std::nullopt;
  }
  if (*duration > most) {
    problems.Error(value.place, "{}: has to be at most {}, not {}", value.path,
                   FormatDuration(most), Quoted(*text));
    return std::nullopt;
  }
  return *duration;
}

std::optional<size_t> ReadChoice(const YamlValue& value, std::span<const std::string_view> choices,
                                 Problems& problems) {
  std::string wanted = fmt::format("{}", fmt::join(choices, ", "));
  std::optional<std::string> text = ReadScalar(value, fmt::format("one of {}", wanted), problems);
  if (!text) return std::nullopt;
  for (size_t i = 0; i < choices.size(); ++i) {
    if (*text == choices[i]) return i;
  }
  std::string_view near = Suggest(*text, choices);
  problems.Error(value.place, "{}: has to be one of {}, not {}{}", value.path, wanted,
                 Quoted(*text), near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
  return std::nullopt;
}

std::optional<std::string> ReadPath(const YamlValue& value, std::string_view what,
                                    Problems& problems) {
  std::optional<std::string> path = ReadText(value, problems);
  if (!path) return std::nullopt;
  if (path->empty()) {
    problems.Error(value.place, "{}: has to be the path of {}", value.path, what);
    return std::nullopt;
  }
  const std::filesystem::path from = std::filesystem::path(problems.file_name()).parent_path();
  if (problems.relative_paths()) return (from / *path).string();
  if (path->starts_with('/')) return path;
  problems.Error(value.place,
                 "{}: has to be an absolute path; it is looked for on the machine of the worker, "
                 "where this file has no folder",
                 value.path);
  return std::nullopt;
}

std::optional<std::vector<YamlValue>> ReadList(const YamlValue& value, Problems& problems) {
  if (!value.node.IsSequence()) {
    problems.Error(value.place, "{}: has to be a list, such as [a, b], not {}", value.path,
                   KindOf(value.node));
    return std::nullopt;
  }
  std::vector<YamlValue> items;
  items.reserve(value.node.size());
  for (const YAML::Node& item : value.node) {
    items.push_back({value.path, item, item.IsNull() ? value.place : PlaceOf(item)});
  }
  return items;
}

}  // namespace godwit::config
