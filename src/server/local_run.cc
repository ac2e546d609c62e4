#include "server/local_run.h"

#include <chrono>

#include "server/run_record.h"
#include "server/state_dir.h"
#include "server/task_lock.h"
#include "store/sqlite_store.h"

namespace godwit::server {
namespace {

constexpr std::chrono::seconds kSavePeriod(2);

RunResult Failed(base::Status status) { return {RunEnd::kFailed, std::move(status)}; }

// Passes on all that a run tells, and keeps how it stands.
class Recorder : public RunListener {
 public:
  Recorder(RunRecord& record, RunListener& listener) : record_(record), listener_(listener) {}

  void OnChecks(const connector::CheckReport& report) override { listener_.OnChecks(report); }
  void OnNote(const std::string& note) override { listener_.OnNote(note); }
  void OnStatus(const TaskStatus& status) override {
    listener_.OnStatus(status);
    const auto now = std::chrono::steady_clock::now();
    const bool is_due = status.state != RunState::kRunning || now >= saved_ + kSavePeriod;
    if (!is_saving_ || !is_due) return;
    saved_ = now;
    // The migration does not hang on it: the target has all that a next run needs.
    if (base::Status written = record_.Write(status); !written.ok()) {
      is_saving_ = false;
      listener_.OnNote(fmt::format("`godwit status` will lack numbers: {}", written.message()));
    }
  }

 private:
  RunRecord& record_;
  RunListener& listener_;
  bool is_saving_ = true;
  std::chrono::steady_clock::time_point saved_;
};

}  // namespace

RunResult RunLocally(const config::Task& task, const TaskRunOptions& options,
                     const std::string& state_dir, RunListener& listener, std::stop_token stop) {
  if (base::Status made = MakeStateDir(state_dir); !made.ok()) return Failed(made);
  auto lock = TaskLock::Take(state_dir, task.name);
  if (!lock.ok()) return Failed(lock.status());
  auto store = store::SqliteStore::Open(StorePath(state_dir));
  if (!store.ok()) return Failed(store.status());
  RunRecord record(**store, task.name);
  // One that cannot be read is of no use, and in nobody's way.
  const auto before = record.Read();
  Recorder recorder(record, listener);
  return RunTask(task, options, before.ok() ? *before : std::nullopt, recorder, stop);
}

}  // namespace godwit::server
