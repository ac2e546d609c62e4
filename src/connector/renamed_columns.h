#pragma once

#include <string>
#include <utility>
#include <vector>

namespace godwit::connector {

// How TableState::renamed_columns are kept in a target: old and new name in turn, a line each.
std::string JoinRenames(const std::vector<std::pair<std::string, std::string>>& renames);
std::vector<std::pair<std::string, std::string>> SplitRenames(const std::string& text);

}  // namespace godwit::connector
