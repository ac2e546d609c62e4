#include "cli/text/standing_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/text/ddl_text.h"
#include "cli/text/quantity_text.h"
#include "cli/text/status_text.h"

namespace godwit::cli {
namespace {

using nlohmann::ordered_json;
using server::RunState;
using server::Standing;
using server::TargetStanding;
using server::TaskStatus;

std::string Line(std::string_view name, const std::string& text) {
  return fmt::format("{:<10} {}", name, text);
}

std::string StateText(const Standing& standing, int64_t now_ms) {
  const auto& run = standing.last_run;
  if (standing.running_pid) {
    if (!run || run->pid != *standing.running_pid) {
      return fmt::format("running, process {}", *standing.running_pid);
    }
    return fmt::format("running, process {}, for {}", *standing.running_pid,
                       SecondsText(static_cast<double>(now_ms - run->started_ms) / 1000));
  }
  if (!run) return standing.target ? "not running from this state directory" : "never run";
  const std::string time = TimeText(run->updated_ms);
  switch (run->state) {
    case RunState::kRunning:
      return fmt::format("not running; ended without a word about {}", time);
    case RunState::kDone:
      return fmt::format("not running; done at {}", time);
    case RunState::kStopped:
      return fmt::format("not running; stopped by the operator at {}", time);
    case RunState::kFailed:
      return fmt::format("not running; failed at {}", time);
  }
  return "?";
}

std::string TablesText(const std::map<std::string, uint64_t>& tables) {
  uint64_t total = 0;
  std::vector<std::string> parts;
  for (const auto& [stage, count] : tables) {
    total += count;
    parts.push_back(fmt::format("{} {}", count, stage));
  }
  return fmt::format("{}: {}", total, fmt::join(parts, ", "));
}

void AddTarget(const Standing& standing, std::vector<std::string>& lines) {
  const TargetStanding& target = *standing.target;
  lines.push_back(Line("phase", std::string(PhaseText(target.phase))));
  if (!target.tables.empty()) lines.push_back(Line("tables", TablesText(target.tables)));
  if (target.rows_copied > 0) {
    lines.push_back(
        Line("copied", fmt::format("{} rows, {}", CountText(target.rows_copied),
                                   BytesText(static_cast<double>(target.bytes_copied)))));
  }
  if (!target.server.empty()) lines.push_back(Line("server", target.server));
  std::string position = target.applied;
  if (target.applied_commit_us > 0) {
    position +=
        fmt::format(", committed on the source at {}", TimeText(target.applied_commit_us / 1000));
  }
  if (!position.empty()) lines.push_back(Line("applied", position));
  if (standing.bytes_behind) {
    lines.push_back(
        Line("behind", fmt::format("{} of the source's log",
                                   BytesText(static_cast<double>(*standing.bytes_behind)))));
  }
  if (!target.pending_ddl.empty()) {
    const bool waits = !target.pending_ddl_why.empty();
    lines.push_back(Line(waits ? "DDL waits" : "DDL begun", target.pending_ddl));
    if (waits) lines.push_back(Line("", target.pending_ddl_why));
  }
  for (const DdlCount& count : CountDdl(target.ddls)) {
    std::vector<std::string> parts;
    if (count.ignored > 0) parts.push_back(fmt::format("{} ignored", count.ignored));
    if (count.skipped > 0) parts.push_back(fmt::format("{} skipped", count.skipped));
    if (count.replaced > 0) parts.push_back(fmt::format("{} replaced", count.replaced));
    lines.push_back(Line("DDL", fmt::format("{}: {}, the last: {}", count.tables,
                                            fmt::join(parts, ", "), count.last)));
  }
}

void AddRun(const TaskStatus& run, bool running, std::vector<std::string>& lines) {
  if (running) lines.push_back(Line("now", PlainLine(run)));
  const TaskStatus::Changes& changes = run.changes;
  lines.push_back(Line(running ? "this run" : "last run",
                       fmt::format("{} rows copied, {} transactions and {} row changes applied, "
                                   "{} DDL statements, {} retries, {} drifted rows",
                                   CountText(run.copy.rows_of_run), CountText(changes.transactions),
                                   CountText(changes.row_changes), CountText(changes.ddls),
                                   CountText(run.retries), CountText(run.drifted_rows))));
  for (const auto& [table, rows] : changes.left_out_by_table) {
    lines.push_back(Line("left out", fmt::format("{}: {} rows, or values of them, as the target "
                                                 "has no table or column for them",
                                                 table, CountText(rows))));
  }
  if (!run.last_note.empty()) lines.push_back(Line("last note", run.last_note));
  if (!run.error.empty()) lines.push_back(Line("error", run.error));
}

template <typename T>
ordered_json OrNull(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

}  // namespace

std::vector<std::string> StandingLines(const std::string& task, const Standing& standing,
                                       int64_t now_ms) {
  std::vector<std::string> lines = {Line("task", task), Line("state", StateText(standing, now_ms))};
  if (standing.last_run) {
    lines.push_back(Line("source", standing.last_run->source));
    lines.push_back(Line("target", standing.last_run->target));
  }
  if (standing.target) {
    AddTarget(standing, lines);
  } else if (standing.target_problem.empty()) {
    lines.push_back(Line("phase", "not begun: the target knows nothing of the task"));
  }
  if (standing.log_hold) lines.push_back(Line("log", LogHoldText(*standing.log_hold)));
  if (standing.last_run) AddRun(*standing.last_run, standing.running_pid.has_value(), lines);
  for (const std::string& problem :
       {standing.target_problem, standing.source_problem, standing.store_problem}) {
    if (!problem.empty()) lines.push_back(Line("unknown", problem));
  }
  return lines;
}

std::string StandingJson(const std::string& task, const Standing& standing) {
  ordered_json json;
  json["task"] = task;
  json["running"] = standing.running_pid.has_value();
  json["pid"] = OrNull(standing.running_pid);
  json["phase"] = nullptr;
  if (standing.target) {
    const TargetStanding& target = *standing.target;
    json["phase"] = connector::ToString(target.phase);
    json["tables"] = target.tables;
    json["rows_copied"] = target.rows_copied;
    json["bytes_copied"] = target.bytes_copied;
    json["server"] = target.server;
    json["position"] = {
        {"t0", target.t0}, {"applied", target.applied}, {"copy_end", target.copy_end}};
    json["applied_commit_us"] = target.applied_commit_us;
    json["pending_ddl"] = target.pending_ddl;
    json["pending_ddl_why"] = target.pending_ddl_why;
    json["ddl_not_executed"] = ordered_json::array();
    for (const DdlCount& count : CountDdl(target.ddls)) {
      json["ddl_not_executed"].push_back({{"tables", count.tables},
                                          {"ignored", count.ignored},
                                          {"skipped", count.skipped},
                                          {"replaced", count.replaced},
                                          {"last", count.last}});
    }
    json["epoch"] = target.epoch;
  }
  json["bytes_behind"] = OrNull(standing.bytes_behind);
  json["log_hold"] = nullptr;
  if (standing.log_hold) json["log_hold"] = ordered_json::parse(server::ToJson(*standing.log_hold));
  json["run"] = nullptr;
  if (standing.last_run) json["run"] = ordered_json::parse(server::ToJson(*standing.last_run));
  json["problems"] = ordered_json::array();
  for (const std::string& problem :
       {standing.target_problem, standing.source_problem, standing.store_problem}) {
    if (!problem.empty()) json["problems"].push_back(problem);
  }
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace godwit::cli
