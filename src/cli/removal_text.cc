#include "cli/removal_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {
namespace {

using nlohmann::ordered_json;
using server::Removal;
using server::RemovalOutcome;
using server::RemovalStep;

void AddStep(std::string_view where, const RemovalStep& step, std::vector<std::string>& lines) {
  if (step.outcome == RemovalOutcome::kNothing)
    lines.push_back(fmt::format("{}: nothing to remove", where));
  if (step.outcome == RemovalOutcome::kLeftOut)
    lines.push_back(fmt::format("{}: left out, as it is gone", where));
  const bool only_looked_at = step.outcome == RemovalOutcome::kWouldRemove;
  for (const std::string& what : step.what) {
    lines.push_back(
        fmt::format("{}: {} {}", where, only_looked_at ? "would remove" : "removed", what));
  }
  const bool unknown = step.outcome == RemovalOutcome::kUnknown;
  for (const std::string& left : step.left)
    lines.push_back(fmt::format("{}: {} {}", where, unknown ? "unknown:" : "left", left));
}

bool RemovedSomething(const Removal& removal) {
  return !removal.source.what.empty() || !removal.target.what.empty() ||
         !removal.state_dir.what.empty();
}

ordered_json StepJson(const RemovalStep& step) {
  return {{"outcome", ToString(step.outcome)}, {"what", step.what}, {"left", step.left}};
}

}  // namespace

std::vector<std::string> RemovalLines(const std::string& task, const Removal& removal) {
  std::vector<std::string> lines;
  AddStep("source", removal.source, lines);
  AddStep("target", removal.target, lines);
  AddStep("state directory", removal.state_dir, lines);
  if (!removal.status.ok()) return lines;
  lines.push_back(RemovedSomething(removal)
                      ? fmt::format("{}: removed; its tables on the target stay", task)
                      : fmt::format("{}: there was nothing to remove", task));
  return lines;
}

std::string RemovalJson(const std::string& task, const Removal& removal) {
  ordered_json json;
  json["task"] = task;
  json["phase"] = nullptr;
  if (removal.phase) json["phase"] = connector::ToString(*removal.phase);
  json["removed"] = removal.status.ok();
  json["error"] = nullptr;
  if (!removal.status.ok()) json["error"] = std::string(removal.status.message());
  json["source"] = StepJson(removal.source);
  json["target"] = StepJson(removal.target);
  json["state_dir"] = StepJson(removal.state_dir);
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace godwit::cli
