#include "cli/text/status_text.h"

#include <fmt/format.h>

#include "cli/text/quantity_text.h"

namespace godwit::cli {
namespace {

using connector::TaskPhase;
using server::TaskStatus;

constexpr int kBarWidth = 30;

std::string Bar(double fraction) {
  const auto filled = static_cast<size_t>(fraction * kBarWidth);
  return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '-') + "]";
}

std::string Percent(double fraction) { return fmt::format("{:.0f} %", fraction * 100); }

double Elapsed(const TaskStatus& status) {
  return static_cast<double>(status.updated_ms - status.started_ms) / 1000;
}

std::vector<std::string> CopyParts(const TaskStatus::Copy& copy) {
  std::vector<std::string> parts = {
      fmt::format("{} of {} tables", copy.tables_done, copy.tables),
      copy.rows_estimate > copy.rows
          ? fmt::format("{} of about {} rows", CountText(copy.rows), CountText(copy.rows_estimate))
          : fmt::format("{} rows", CountText(copy.rows)),
      BytesText(static_cast<double>(copy.bytes))};
  if (copy.bytes_per_second > 0) parts.push_back(BytesText(copy.bytes_per_second) + "/s");
  return parts;
}

std::string TimeLeft(const TaskStatus::Copy& copy) {
  if (copy.seconds_left) return fmt::format("about {} left", SecondsText(*copy.seconds_left));
  // The estimate of the rows has been reached: what is left cannot be told.
  return copy.fraction >= 0.99 ? "finishing tables" : "";
}

// How far it is with what it does now.
std::vector<std::string> CopyingParts(const TaskStatus::Copy& copy) {
  std::vector<std::string> parts = CopyParts(copy);
  parts.insert(parts.begin(), Percent(copy.fraction));
  if (std::string left = TimeLeft(copy); !left.empty()) parts.push_back(left);
  return parts;
}

std::vector<std::string> RateParts(const TaskStatus::Changes& changes) {
  std::vector<std::string> parts;
  if (changes.bytes_behind) {
    parts.push_back(BytesText(static_cast<double>(*changes.bytes_behind)) + " behind");
  }
  parts.push_back(fmt::format("{} transactions/s",
                              CountText(static_cast<uint64_t>(changes.transactions_per_second))));
  parts.push_back(fmt::format("{} row changes/s",
                              CountText(static_cast<uint64_t>(changes.row_changes_per_second))));
  return parts;
}

std::vector<std::string> LagParts(const TaskStatus& status) {
  std::vector<std::string> parts = RateParts(status.changes);
  if (std::string lag = LagText(status); !lag.empty()) parts.insert(parts.begin(), "lag " + lag);
  return parts;
}

std::vector<std::string> AppliedParts(const TaskStatus& status) {
  const TaskStatus::Changes& changes = status.changes;
  std::vector<std::string> parts = {fmt::format("{} transactions", CountText(changes.transactions)),
                                    fmt::format("{} row changes", CountText(changes.row_changes))};
  if (changes.ddls > 0) parts.push_back(fmt::format("{} DDL statements", CountText(changes.ddls)));
  return parts;
}

void AddTroubles(const TaskStatus& status, std::vector<std::string>& parts) {
  if (status.retries > 0) parts.push_back(fmt::format("{} retries", CountText(status.retries)));
  if (status.drifted_rows > 0) {
    parts.push_back(fmt::format("{} drifted rows", CountText(status.drifted_rows)));
  }
  if (status.copy.tables_again > 0) {
    parts.push_back(fmt::format("{} tables copied again", CountText(status.copy.tables_again)));
  }
  if (status.copy.source_locks > 0) {
    parts.push_back(fmt::format("{} locks on the source, {:.1f} ms at most",
                                CountText(status.copy.source_locks), status.copy.longest_lock_ms));
  }
}

bool AppliesChanges(TaskPhase phase) {
  return phase == TaskPhase::kCatchingUp || phase == TaskPhase::kStreaming;
}

}  // namespace

std::string_view PhaseText(TaskPhase phase) {
  switch (phase) {
    case TaskPhase::kPreparing:
      return "preparing";
    case TaskPhase::kSchema:
      return "creating the schema";
    case TaskPhase::kCopying:
      return "copying";
    case TaskPhase::kCatchingUp:
      return "catching up";
    case TaskPhase::kStreaming:
      return "streaming";
    case TaskPhase::kFinished:
      return "finished";
  }
  return "?";
}

std::string LogHoldText(const connector::LogHold& hold) {
  if (hold.lost) {
    return fmt::format(
        "source has given up its log for this task (replication slot {}): only a "
        "new copy helps, with `godwit run --restart`",
        hold.name);
  }
  std::string text = fmt::format("source keeps {} of its log for this task (replication slot {})",
                                 BytesText(static_cast<double>(hold.retained_bytes)), hold.name);
  if (hold.bytes_left) {
    text += ", and gives up in " + BytesText(static_cast<double>(*hold.bytes_left));
  }
  if (!hold.in_use) text += "; nothing reads it now";
  return text;
}

std::vector<std::string> LiveLines(const TaskStatus& status) {
  std::vector<std::string> lines = {
      fmt::format("{}  {}  {}", status.task, PhaseText(status.phase), ClockText(Elapsed(status)))};
  std::vector<std::string> troubles;
  AddTroubles(status, troubles);
  if (status.phase == TaskPhase::kCopying) {
    lines.push_back(fmt::format("  {} {:>5}   {}", Bar(status.copy.fraction),
                                Percent(status.copy.fraction), TimeLeft(status.copy)));
    lines.push_back("  " + fmt::format("{}", fmt::join(CopyParts(status.copy), "   ")));
  } else if (AppliesChanges(status.phase)) {
    lines.push_back("  " + fmt::format("{}", fmt::join(LagParts(status), "   ")));
    lines.push_back("  " + fmt::format("{}", fmt::join(AppliedParts(status), "   ")));
    if (!status.position.empty()) lines.push_back("  at " + status.position);
  }
  if (status.log_hold) lines.push_back("  " + LogHoldText(*status.log_hold));
  if (!troubles.empty()) lines.push_back("  " + fmt::format("{}", fmt::join(troubles, "   ")));
  return lines;
}

std::string PlainLine(const TaskStatus& status) {
  std::vector<std::string> parts;
  if (status.phase == TaskPhase::kCopying) {
    parts = CopyingParts(status.copy);
  } else if (AppliesChanges(status.phase)) {
    parts = LagParts(status);
    if (!status.position.empty()) parts.push_back("at " + status.position);
  }
  if (status.log_hold) {
    parts.push_back(fmt::format("source keeps {} of its log",
                                BytesText(static_cast<double>(status.log_hold->retained_bytes))));
  }
  AddTroubles(status, parts);
  return fmt::format("{} {}{}{}", status.task, PhaseText(status.phase), parts.empty() ? "" : ": ",
                     fmt::join(parts, ", "));
}

std::string ProgressText(const TaskStatus& status) {
  std::vector<std::string> parts;
  if (status.phase == TaskPhase::kCopying) parts = CopyingParts(status.copy);
  if (AppliesChanges(status.phase)) parts = RateParts(status.changes);
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string LagText(const TaskStatus& status) {
  return status.changes.lag_seconds ? SecondsText(*status.changes.lag_seconds) : "";
}

std::vector<std::string> SummaryLines(const TaskStatus& status) {
  std::string how;
  switch (status.state) {
    case server::RunState::kRunning:
      how = "running";
      break;
    case server::RunState::kDone:
      how = status.phase == TaskPhase::kFinished ? "finished" : "caught up";
      break;
    case server::RunState::kStopped:
      how = "stopped, with everything saved";
      break;
    case server::RunState::kFailed:
      how = "failed";
      break;
  }
  std::vector<std::string> lines = {
      fmt::format("{}: {}, after {}", status.task, how, SecondsText(Elapsed(status)))};
  const TaskStatus::Copy& copy = status.copy;
  if (copy.rows_of_run > 0) {
    std::string rate;
    if (copy.seconds > 0) {
      rate =
          fmt::format(" ({}/s)", BytesText(static_cast<double>(copy.bytes_of_run) / copy.seconds));
    }
    lines.push_back(fmt::format("  copied    {} rows, {} in {}{}, {} of {} tables",
                                CountText(copy.rows_of_run),
                                BytesText(static_cast<double>(copy.bytes_of_run)),
                                SecondsText(copy.seconds), rate, copy.tables_done, copy.tables));
  }
  lines.push_back(fmt::format("  applied   {}", fmt::join(AppliedParts(status), ", ")));
  std::vector<std::string> end;
  if (!status.position.empty()) end.push_back(status.position);
  if (status.changes.lag_seconds) end.push_back("lag " + SecondsText(*status.changes.lag_seconds));
  if (!end.empty()) lines.push_back(fmt::format("  position  {}", fmt::join(end, ", ")));
  std::vector<std::string> troubles;
  AddTroubles(status, troubles);
  lines.push_back(fmt::format(
      "  incidents {}", troubles.empty() ? "none" : fmt::format("{}", fmt::join(troubles, ", "))));
  return lines;
}

}  // namespace godwit::cli
