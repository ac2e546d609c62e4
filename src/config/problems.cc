#include "config/problems.h"

#include <algorithm>

#include "base/status.h"

namespace godwit::config {

absl::Status Problems::ToStatus() const {
  if (errors_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}", fmt::join(Errors(), "\n")));
}

std::vector<std::string> Problems::InOrder(std::vector<Problem> problems) const {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Problem& a, const Problem& b) { return a.place < b.place; });
  std::vector<std::string> lines;
  lines.reserve(problems.size());
  for (const Problem& p : problems) {
    lines.push_back(fmt::format("{}:{}:{}: {}", file_names_[static_cast<size_t>(p.place.file)],
                                p.place.line, p.place.column, p.message));
  }
  return lines;
}

}  // namespace godwit::config
