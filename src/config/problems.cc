#include "config/problems.h"

#include <algorithm>

#include "base/status.h"

namespace godwit::config {

absl::Status Problems::ToStatus() const {
  if (errors_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}", fmt::join(InOrder(errors_), "\n")));
}

std::vector<std::string> Problems::Warnings() const { return InOrder(warnings_); }

std::vector<std::string> Problems::InOrder(std::vector<Problem> problems) const {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Problem& a, const Problem& b) { return a.place < b.place; });
  std::vector<std::string> lines;
  lines.reserve(problems.size());
  for (const Problem& p : problems) {
    lines.push_back(
        fmt::format("{}:{}:{}: {}", file_name_, p.place.line, p.place.column, p.message));
  }
  return lines;
}

}  // namespace godwit::config
