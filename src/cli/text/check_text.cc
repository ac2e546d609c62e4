#include "cli/text/check_text.h"

#include <fmt/format.h>

namespace godwit::cli {

std::string CheckLine(const Json& item) {
  std::string line = fmt::format("{}  {}: {}", TextOf(item, "result"), TextOf(item, "name"),
                                 TextOf(item, "finding"));
  if (std::string remedy = TextOf(item, "remedy"); !remedy.empty()) line += "; " + remedy;
  return line;
}

std::string CheckTotals(const Json& report) {
  const uint64_t warnings = CountOf(report, "warnings");
  return fmt::format("{} passed, {} warning{}, {} failed", CountOf(report, "passed"), warnings,
                     warnings == 1 ? "" : "s", CountOf(report, "failed"));
}

}  // namespace godwit::cli
