#pragma once

#include <yaml-cpp/yaml.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/problems.h"

namespace godwit::config {

FilePlace PlaceOf(const YAML::Node& node);

// The value of one key of a file. The readers return what it holds, or report what is wrong with it
// to `problems` and return nothing.
struct YamlValue {
  std::string path;  // of the key, for messages: "copy.threads"
  YAML::Node node;
  FilePlace place;  // of the value, or of the key where there is no value
};

// Any single value. Its text never appears in a message, so that it may be a password.
std::optional<std::string> ReadText(const YamlValue& value, Problems& problems);
// A whole number from `least` to `most`, not in quotes.
std::optional<int64_t> ReadInteger(const YamlValue& value, int64_t least, int64_t most,
                                   Problems& problems);
// A size in bytes (see ParseBytes) from `least` to `most`.
std::optional<uint64_t> ReadBytes(const YamlValue& value, uint64_t least, uint64_t most,
                                  Problems& problems);
// A duration (see ParseDuration) up to `most`.
std::optional<std::chrono::milliseconds> ReadDuration(const YamlValue& value,
                                                      std::chrono::milliseconds most,
                                                      Problems& problems);
// One of `choices`, as its index.
std::optional<size_t> ReadChoice(const YamlValue& value, std::span<const std::string_view> choices,
                                 Problems& problems);
// The same as a value of an enum that has them in their order.
template <typename E>
void ReadEnum(const YamlValue& value, std::span<const std::string_view> choices, E& out,
              Problems& problems) {
  if (auto index = ReadChoice(value, choices, problems)) out = static_cast<E>(*index);
}
// The path of `what`; a relative one starts from the folder of the file, or is refused (see
// Problems).
std::optional<std::string> ReadPath(const YamlValue& value, std::string_view what,
                                    Problems& problems);
// A list; its items carry the path of the list.
std::optional<std::vector<YamlValue>> ReadList(const YamlValue& value, Problems& problems);

}  // namespace godwit::config
