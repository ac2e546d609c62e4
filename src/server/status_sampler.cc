#include "server/status_sampler.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "server/table_states.h"

namespace godwit::server {
namespace {

using connector::TaskPhase;
using std::chrono::duration;
using std::chrono::steady_clock;

// The share of the copy that may be taken for done while tables are still open: estimates of rows
// fall short.
constexpr double kMostBeforeEnd = 0.99;

int64_t UnixMillis() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string HostName() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

StatusSampler::StatusSampler(const config::Task& task, const std::string& task_file,
                             const std::optional<connector::TaskState>& state,
                             const pipeline::Progress& progress)
    : progress_(progress), begun_(steady_clock::now()) {
  status_.task = task.name;
  status_.mode = config::ModeName(task.mode);
  status_.task_file = task_file;
  status_.source = task.source.ToString();
  status_.target = task.target.ToString();
  status_.host = HostName();
  status_.pid = getpid();
  status_.started_ms = status_.updated_ms = UnixMillis();
  if (!state) return;
  status_.phase = state->phase;
  status_.position = state->applied.text;
  for (const connector::TableState& table : state->tables) {
    for (const connector::RangeState& range : table.ranges) {
      rows_before_ += range.rows;
      bytes_before_ += range.bytes;
    }
  }
}

const TaskStatus& StatusSampler::Sample() {
  const double now = duration<double>(steady_clock::now() - begun_).count();
  status_.updated_ms = UnixMillis();
  SamplePhase();
  SampleCopy(now);
  SampleChanges(now);
  SampleTables(now);
  if (const model::Position applied = progress_.applied(); !applied.empty()) {
    status_.position = applied.text;
  }
  if (const pipeline::Progress::Server server = progress_.server(); !server.address.empty()) {
    status_.server = {server.address, server.identity, server.since_us / 1000};
  }
  status_.log_hold = progress_.log_hold();
  status_.retries = progress_.retries;
  status_.drifted_rows = progress_.drifted_rows;
  return status_;
}

void StatusSampler::SamplePhase() {
  const std::vector<TaskPhase> phases = progress_.phases();
  passed_.clear();
  for (; phases_seen_ + 1 < phases.size(); ++phases_seen_) {
    passed_.push_back(status_);
    passed_.back().phase = phases[phases_seen_];
  }
  phases_seen_ = phases.size();
  status_.phase = phases.back();
}

void StatusSampler::SampleCopy(double now) {
  TaskStatus::Copy& copy = status_.copy;
  copy.tables = progress_.tables_total;
  copy.tables_done = progress_.tables_done;
  copy.rows = progress_.rows_copied;
  copy.rows_estimate = progress_.rows_total_estimate;
  copy.bytes = progress_.bytes_copied;
  copy.bytes_estimate = progress_.bytes_total_estimate;
  copy.tables_again = progress_.tables_copied_again;
  copy.source_locks = progress_.source_locks;
  copy.longest_lock_ms = static_cast<double>(progress_.longest_source_lock_us) / 1000;
  copy.rows_of_run = copy.rows - std::min(copy.rows, rows_before_);
  copy.bytes_of_run = copy.bytes - std::min(copy.bytes, bytes_before_);
  if (status_.phase != TaskPhase::kCopying) {
    if (status_.phase > TaskPhase::kCopying) copy.fraction = 1;
    copy.bytes_per_second = 0;
    copy.seconds_left.reset();
    return;
  }
  if (!copy_begun_) copy_begun_ = now;
  copy.seconds = now - *copy_begun_;

  // Rows count once their chunk is committed; those on their way are told by their bytes.
  const uint64_t read = std::max<uint64_t>(progress_.bytes_read, copy.bytes);
  double row_bytes = 0;
  if (copy.rows > 0) {
    row_bytes = static_cast<double>(copy.bytes) / static_cast<double>(copy.rows);
  } else if (copy.rows_estimate > 0) {
    row_bytes = static_cast<double>(copy.bytes_estimate) / static_cast<double>(copy.rows_estimate);
  }
  double rows = static_cast<double>(copy.rows);
  if (row_bytes > 0) rows += static_cast<double>(read - copy.bytes) / row_bytes;
  copy.fraction = 0;
  if (copy.rows_estimate > 0) {
    copy.fraction = std::min(rows / static_cast<double>(copy.rows_estimate), kMostBeforeEnd);
  }
  copy_bytes_.Add(now, static_cast<double>(read));
  copy_fraction_.Add(now, copy.fraction);
  copy.bytes_per_second = copy_bytes_.Rate();
  copy.seconds_left.reset();
  if (copy_fraction_.Rate() > 0 && copy.fraction < kMostBeforeEnd) {
    copy.seconds_left = (1 - copy.fraction) / copy_fraction_.Rate();
  }
}

void StatusSampler::SampleChanges(double now) {
  TaskStatus::Changes& changes = status_.changes;
  changes.transactions = progress_.transactions;
  changes.row_changes = progress_.row_changes;
  changes.statements = progress_.statements;
  changes.groups = progress_.groups;
  changes.ddls = progress_.ddls;
  changes.ddls_not_executed = progress_.ddls_not_executed;
  changes.rows_left_out = progress_.rows_left_out;
  changes.rows_in_part = progress_.rows_in_part;
  changes.updates_left_to_log = progress_.updates_left_to_log;
  changes.values_replaced = progress_.values_replaced;
  for (const auto& [name, rows] : progress_.left_out())
    changes.left_out_by_table[name.ToString()] = rows;
  changes.log_bytes = progress_.log_bytes;
  transactions_.Add(now, static_cast<double>(changes.transactions));
  row_changes_.Add(now, static_cast<double>(changes.row_changes));
  changes.transactions_per_second = transactions_.Rate();
  changes.row_changes_per_second = row_changes_.Rate();
  int64_t lag_us = progress_.lag_us;
  const int64_t behind = progress_.log_bytes_behind;
  // A target that does not answer lets the lag grow.
  if (const int64_t pending = progress_.pending_since_us; pending > 0) {
    lag_us = std::max(lag_us, UnixMillis() * 1000 - pending);
  }
  changes.lag_seconds.reset();
  changes.bytes_behind.reset();
  if (lag_us >= 0) changes.lag_seconds = static_cast<double>(lag_us) / 1e6;
  if (behind >= 0) changes.bytes_behind = static_cast<uint64_t>(behind);
}

// All tables are looked through, of which there may be many: only when something has changed, and
// only now and then.
void StatusSampler::SampleTables(double now) {
  constexpr double kPeriod = 1;
  const bool enters_phase = std::exchange(tables_phase_, status_.phase) != status_.phase;
  if (tables_looked_at_ && !enters_phase && now < *tables_looked_at_ + kPeriod) return;
  tables_looked_at_ = now;
  const uint64_t version = progress_.tables.version();
  if (!enters_phase && version == tables_version_) return;
  tables_version_ = version;
  status_.tables = CountTables(progress_);
}

std::vector<std::string> StatusSampler::TakeNotes() {
  auto [count, notes] = progress_.NotesAfter(notes_taken_);
  notes_taken_ = status_.notes = count;
  if (!notes.empty()) status_.last_note = notes.back();
  return std::move(notes);
}

const TaskStatus& StatusSampler::End(const base::Status& status) {
  Sample();
  status_.tables = CountTables(progress_);
  status_.state = status.ok()                 ? RunState::kDone
                  : absl::IsCancelled(status) ? RunState::kStopped
                                              : RunState::kFailed;
  if (status_.state == RunState::kFailed) status_.error = std::string(status.message());
  return status_;
}

}  // namespace godwit::server
