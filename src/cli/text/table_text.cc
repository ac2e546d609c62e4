#include "cli/text/table_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::cli {

std::vector<std::string> TableLines(std::vector<std::vector<std::string>> rows) {
  std::vector<size_t> widths;
  for (std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      if (row[i].empty()) row[i] = "-";
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::vector<std::string> lines;
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const bool is_last = i + 1 == row.size();
      line += is_last ? row[i] : fmt::format("{:<{}}  ", row[i], widths[i]);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace godwit::cli
