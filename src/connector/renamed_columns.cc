#include "connector/renamed_columns.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

namespace godwit::connector {

using Renames = std::vector<std::pair<std::string, std::string>>;

std::string JoinRenames(const Renames& renames) {
  std::string text;
  for (const auto& [from, to] : renames) absl::StrAppend(&text, from, "\n", to, "\n");
  return text;
}

Renames SplitRenames(const std::string& text) {
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  Renames renames;
  for (size_t i = 0; i + 1 < lines.size(); i += 2) renames.emplace_back(lines[i], lines[i + 1]);
  return renames;
}

}  // namespace godwit::connector
