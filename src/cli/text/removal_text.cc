#include "cli/text/removal_text.h"

#include <fmt/format.h>

namespace godwit::cli {
namespace {

void AddStep(std::string_view where, const Json& step, std::vector<std::string>& lines) {
  const std::string outcome = TextOf(step, "outcome");
  if (outcome == "nothing") lines.push_back(fmt::format("{}: nothing to remove", where));
  if (outcome == "left-out") lines.push_back(fmt::format("{}: left out, as it is gone", where));
  const std::string_view did = outcome == "would-remove" ? "would remove" : "removed";
  for (const std::string& what : TextsOf(step, "what"))
    lines.push_back(fmt::format("{}: {} {}", where, did, what));
  const std::string_view stays = outcome == "unknown" ? "unknown:" : "left";
  for (const std::string& left : TextsOf(step, "left"))
    lines.push_back(fmt::format("{}: {} {}", where, stays, left));
}

}  // namespace

std::vector<std::string> RemovalLines(const Json& removal) {
  std::vector<std::string> lines;
  bool removed_something = false;
  for (const auto& [where, step] : {std::pair("source", "source"), std::pair("target", "target"),
                                    std::pair("state directory", "state_dir")}) {
    AddStep(where, FieldOf(removal, step), lines);
    removed_something |= !ListOf(FieldOf(removal, step), "what").empty();
  }
  if (!FlagOf(removal, "removed")) return lines;
  const std::string task = TextOf(removal, "task");
  lines.push_back(removed_something ? task + ": removed; its tables on the target stay"
                                    : task + ": there was nothing to remove");
  return lines;
}

}  // namespace godwit::cli
