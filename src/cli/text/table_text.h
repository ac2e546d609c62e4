#pragma once

#include <string>
#include <vector>

namespace godwit::cli {

// Rows of cells, the headings first, as lines with the columns below each other. An empty cell is
// a "-".
std::vector<std::string> TableLines(std::vector<std::vector<std::string>> rows);

}  // namespace godwit::cli
