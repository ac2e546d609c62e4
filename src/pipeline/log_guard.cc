#include "pipeline/log_guard.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "base/backoff.h"
#include "config/quantity.h"
#include "pipeline/retry.h"

namespace godwit::pipeline {
namespace {

using config::OnMaxSlotWal;
using connector::LogHold;
using connector::TaskPhase;
using std::chrono::milliseconds;

// Of a limit: from here on it is worth a word.
constexpr uint64_t Near(uint64_t limit) { return limit / 5 * 4; }

// For a reader that has just gone, of which the source does not know yet.
constexpr milliseconds kLeastRetry(30'000);
constexpr milliseconds kMostWait(2'000);

std::string Mebibytes(uint64_t bytes) { return fmt::format("{} MiB", bytes >> 20); }

std::string Keeps(const LogHold& hold) {
  return fmt::format("the source keeps {} of its log for this task (replication slot {})",
                     Mebibytes(hold.retained_bytes), hold.name);
}

}  // namespace

bool LogGuard::Mark::Reached(uint64_t kept, uint64_t mark) {
  if (kept >= mark) return !std::exchange(told_, true);
  if (kept < mark - mark / 8) told_ = false;
  return false;
}

LogGuard::LogGuard(const config::Task& task, connector::Source& source, Progress& progress,
                   std::stop_token stop, Pace pace)
    : task_(task),
      source_(source),
      progress_(progress),
      operator_(std::move(stop)),
      pace_(pace),
      forward_(operator_, [this] { stop_.request_stop(); }),
      thread_([this](std::stop_token over) { Watch(std::move(over)); }) {}

void LogGuard::Watch(std::stop_token over) {
  // The operator has stopped it: the slot stays, as that of any task that does not run.
  for (; !stop_.stop_requested(); Sleep(pace_.look, over)) {
    if (over.stop_requested()) return;
    verdict_ = Look();
    if (!verdict_.ok()) break;
  }
  if (verdict_.ok()) return;
  stop_.request_stop();
  if (!Sleep(pace_.patience, over)) return;
  cut_off_.request_stop();
  // What cannot be cut off, such as an index that is built, does not read the log.
  if (Releases()) Release(over);
}

base::Status LogGuard::Look() {
  const TaskPhase phase = Phase();
  const base::StatusOr<std::optional<LogHold>> hold = source_.ReadLogHold();
  if (!hold.ok()) {
    // What may pass, the run meets as well.
    if (DecisionFor(hold.status()) == Decision::kFail && !std::exchange(complained_, true)) {
      progress_.Note(fmt::format("what the source keeps of its log is not known: {}",
                                 hold.status().message()));
    }
    return base::OkStatus();
  }
  progress_.SetLogHold(*hold);
  // Between two phases it may have been made anew, or released.
  if (Phase() != phase || phase == TaskPhase::kFinished) return base::OkStatus();
  if (*hold) {
    // As long as nobody is at it, it is an earlier run's, which is to be made anew; who drops that
    // one is at it, too.
    const bool earlier = !(*hold)->in_use || ((*hold)->lost && held_.empty());
    if (phase == TaskPhase::kPreparing && earlier) return base::OkStatus();
    held_ = (*hold)->name;
    return Judge(**hold);
  }
  if (held_.empty() || phase == TaskPhase::kPreparing) return base::OkStatus();
  return base::FailedPrecondition(
      "replication slot {} has gone from the source, and with it the log that it kept for this "
      "task: somebody has dropped it. The changes since then are not to be had; copy anew with "
      "`godwit run --restart`",
      held_);
}

base::Status LogGuard::Judge(const LogHold& hold) {
  if (hold.lost) {
    return base::FailedPrecondition(
        "the source has given up replication slot {}, and with it the log that it kept for this "
        "task, as that had grown beyond what the server allows (max_slot_wal_keep_size). {}. The "
        "changes since then are not to be had: raise that limit, and copy anew with `godwit run "
        "--restart`",
        hold.name, WhyKept(0));
  }
  GODWIT_RETURN_IF_ERROR(JudgeByTask(hold));
  WarnOfServer(hold);
  return base::OkStatus();
}

base::Status LogGuard::JudgeByTask(const LogHold& hold) {
  if (!task_.slot_wal.most) return base::OkStatus();
  const uint64_t most = *task_.slot_wal.most, kept = hold.retained_bytes;
  const bool near = near_own_.Reached(kept, Near(most));
  const bool beyond = beyond_own_.Reached(kept, most + 1);
  if (!beyond) {
    if (near && kept <= most) {
      progress_.Note(fmt::format("{}, of at most {} (source.max_slot_wal). {}", Keeps(hold),
                                 config::FormatBytes(most), WhyKept(kept)));
    }
    return base::OkStatus();
  }
  const std::string found = fmt::format("{}, more than source.max_slot_wal ({}). {}", Keeps(hold),
                                        config::FormatBytes(most), WhyKept(kept));
  switch (task_.slot_wal.on_most) {
    case OnMaxSlotWal::kWarn:
      progress_.Note(found);
      return base::OkStatus();
    case OnMaxSlotWal::kStop:
      progress_.Note(Keeps(hold) + ", more than source.max_slot_wal: the run is ended");
      if (Phase() == TaskPhase::kPreparing) {
        return base::FailedPrecondition(
            "{}. End those, or raise source.max_slot_wal, and run again; nothing is kept until "
            "then",
            found);
      }
      return base::FailedPrecondition(
          "{}. All that was done is saved, and the slot still keeps the log. Raise "
          "source.max_slot_wal and run again, with room for it on the source's disk; or free that "
          "with source.on_max_slot_wal: release, after which only a new copy helps",
          found);
    case OnMaxSlotWal::kRelease:
      progress_.Note(Keeps(hold) +
                     ", more than source.max_slot_wal: the run is ended, and the log released");
      release_ = true;
      return base::FailedPrecondition("{}", found);
  }
  return base::Internal("no such rule");
}

void LogGuard::WarnOfServer(const LogHold& hold) {
  if (!hold.bytes_left) return;
  const uint64_t allowed = hold.retained_bytes + *hold.bytes_left;
  if (!near_servers_.Reached(hold.retained_bytes, std::max<uint64_t>(Near(allowed), 1))) return;
  progress_.Note(fmt::format(
      "{}, and gives it up after {} more (max_slot_wal_keep_size): only a new copy helps then. {}",
      Keeps(hold), Mebibytes(*hold.bytes_left), WhyKept(hold.retained_bytes)));
}

std::string LogGuard::WhyKept(uint64_t kept) const {
  switch (Phase()) {
    case TaskPhase::kPreparing:
      return "The task has not begun yet: it waits for transactions that are open on the source";
    case TaskPhase::kSchema:
    case TaskPhase::kCopying:
      return "The copy is going on: the log is kept from where it began, and read once it has "
             "ended";
    case TaskPhase::kCatchingUp:
    case TaskPhase::kStreaming:
    case TaskPhase::kFinished:
      break;
  }
  const model::Position applied = progress_.applied();
  if (applied.empty()) return "The target is yet to take the changes";
  const auto behind = source_.LogBytesAfter(applied);
  if (!behind.ok()) return fmt::format("The target has the changes up to {}", applied.text);
  std::string why = fmt::format("The target has the changes up to {}, {} before the log's end",
                                applied.text, Mebibytes(*behind));
  if (*behind < kept / 2)
    why += "; the rest is kept for a transaction that has been open on the source for long";
  return why;
}

base::Status LogGuard::End(base::Status status) {
  thread_.request_stop();
  source_.Cancel();  // a look at a source that does not answer
  thread_.join();
  if (verdict_.ok() || (status.ok() && !released_)) return status;
  if (Releases()) Release(operator_);
  // Besides what the guard asked for.
  const std::string also = status.ok() || absl::IsCancelled(status)
                               ? ""
                               : fmt::format(". The run itself ended with: {}", status.message());
  if (!release_) return base::FailedPrecondition("{}{}", verdict_.message(), also);
  if (released_) {
    return base::FailedPrecondition(
        "{}. So the slot has been dropped (source.on_max_slot_wal: release): the changes since "
        "then are not to be had, and a new copy is needed, `godwit run --restart`{}",
        verdict_.message(), also);
  }
  if (absl::IsPermissionDenied(release_status_)) {
    return base::FailedPrecondition("{}. The slot was not dropped for that: {}{}",
                                    verdict_.message(), release_status_.message(), also);
  }
  return base::FailedPrecondition(
      "{}. The slot was to be dropped for that (source.on_max_slot_wal: release), which failed: "
      "{}. "
      "Drop it by hand, or run again{}",
      verdict_.message(), release_status_.message(), also);
}

void LogGuard::Release(std::stop_token give_up) {
  base::Backoff backoff(std::max(task_.retry_for, kLeastRetry), milliseconds(50), kMostWait);
  bool told = false;
  while (true) {
    release_status_ = source_.ReleaseLog();
    released_ = release_status_.ok();
    if (DecisionFor(release_status_) != Decision::kRetry) return;
    const std::optional<milliseconds> wait = backoff.Next();
    if (wait == kMostWait && !std::exchange(told, true)) {
      progress_.Note(fmt::format("{}; trying again to release the log", release_status_.message()));
    }
    if (!wait || !Sleep(*wait, give_up)) return;
  }
}

bool LogGuard::Sleep(milliseconds time, std::stop_token end) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any condition;
  condition.wait_for(lock, end, time, [] { return false; });
  return !end.stop_requested();
}

}  // namespace godwit::pipeline
