#include "connectors/mysql/from_postgres/fitting_names.h"

#include <fmt/format.h>

#include <cstdint>

namespace godwit::connectors::mysql {
namespace {

constexpr size_t kLongestName = 64;  // characters

// The beginning of a text in UTF-8, or all of it.
std::string_view FirstCharacters(std::string_view text, size_t characters) {
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<uint8_t>(text[i]) & 0xC0) != 0x80;
    if (begins && characters-- == 0) return text.substr(0, i);
  }
  return text;
}

}  // namespace

std::string FittingName(std::string name) {
  while (name.ends_with(' ')) name.back() = '_';
  if (FirstCharacters(name, kLongestName).size() == name.size()) return name;
  return NameWithEnding(name, name);
}

std::string NameWithEnding(std::string_view name, std::string_view of) {
  constexpr size_t kHash = 9;
  uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : of) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return fmt::format("{}_{:08x}", FirstCharacters(name, kLongestName - kHash), hash);
}

std::string NameInDatabase(const std::string& table, const std::string& own) {
  return FittingName(own.starts_with(table + "_") ? own : fmt::format("{}_{}", table, own));
}

std::string FittingComment(const std::string& comment, size_t most_characters,
                           const std::string& place, sql::NoteTaker& notes) {
  const std::string_view fitting = FirstCharacters(comment, most_characters);
  if (fitting.size() < comment.size()) {
    notes.Lossy(place, fmt::format("its comment is cut off after {} characters, which is what the "
                                   "target takes",
                                   most_characters));
  }
  return std::string(fitting);
}

}  // namespace godwit::connectors::mysql
