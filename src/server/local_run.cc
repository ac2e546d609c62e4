#include "server/local_run.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "pipeline/task_runner.h"
#include "server/connectors.h"
#include "server/run_record.h"
#include "server/state_dir.h"
#include "server/status_sampler.h"
#include "server/task_lock.h"
#include "store/sqlite_store.h"

namespace godwit::server {
namespace {

constexpr std::chrono::milliseconds kSamplePeriod(100);
constexpr std::chrono::seconds kSavePeriod(2);

RunResult Failed(base::Status status) { return {RunEnd::kFailed, std::move(status)}; }

// The pipeline on a thread of its own, waited for a while at a time.
class Work {
 public:
  explicit Work(std::function<base::Status()> run)
      : thread_([this, run = std::move(run)] {
          base::Status status = run();
          std::lock_guard lock(mutex_);
          status_ = std::move(status);
          changed_.notify_all();
        }) {}

  // What it ended with; nothing when it has not.
  std::optional<base::Status> WaitFor(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [this] { return status_.has_value(); });
    return status_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<base::Status> status_;
  std::jthread thread_;
};

// The server in a url, without how and as whom it is spoken to.
std::string_view ServerOf(std::string_view url) { return url.substr(url.find('@') + 1); }

// Positions of one source mean nothing on another; the same server may have got another name,
// though.
void NoteChangedSource(const TaskStatus& before, const config::Task& task, RunListener& listener) {
  if (ServerOf(before.source) == ServerOf(task.source.ToString())) return;
  listener.OnNote(fmt::format(
      "the source was {} in the run before, and is {} now: this has to be the same server, or the "
      "task goes on from a position that means nothing there",
      before.source, task.source.ToString()));
}

}  // namespace

RunResult RunLocally(const config::Task& task, const LocalRunOptions& options,
                     RunListener& listener, std::stop_token stop) {
  if (base::Status made = MakeStateDir(options.state_dir); !made.ok()) return Failed(made);
  auto lock = TaskLock::Take(options.state_dir, task.name);
  if (!lock.ok()) return Failed(lock.status());
  auto store = store::SqliteStore::Open(StorePath(options.state_dir));
  if (!store.ok()) return Failed(store.status());
  auto source = MakeSource(task);
  if (!source.ok()) return Failed(source.status());
  auto destination = MakeDestination(task);
  if (!destination.ok()) return Failed(destination.status());

  if (options.checks) {
    const connector::CheckReport report =
        pipeline::CheckTask(task, **source, **destination, options.restart);
    listener.OnChecks(report);
    if (pipeline::HasFailures(report)) return {RunEnd::kCheckFailed, base::OkStatus()};
  }
  auto state = (*destination)->LoadState();
  if (!state.ok()) return Failed(state.status());
  pipeline::Progress progress;
  StatusSampler sampler(task, options.task_file, options.restart ? std::nullopt : *state, progress);
  listener.OnStatus(sampler.Sample());
  RunRecord record(**store, task.name);
  if (*state && !options.restart) {
    if (auto before = record.Read(); before.ok() && *before) {
      NoteChangedSource(**before, task, listener);
    }
  }

  Work work([&] {
    return pipeline::RunTask(task, **source, **destination,
                             {options.until_caught_up, options.restart}, progress, stop);
  });
  std::optional<base::Status> ended;
  bool saving = true;
  for (auto saved = std::chrono::steady_clock::time_point::min(); !ended;) {
    ended = work.WaitFor(kSamplePeriod);
    for (const std::string& note : sampler.TakeNotes()) listener.OnNote(note);
    const TaskStatus& status = ended ? sampler.End(*ended) : sampler.Sample();
    for (const TaskStatus& passed : sampler.passed()) listener.OnStatus(passed);
    listener.OnStatus(status);
    const auto now = std::chrono::steady_clock::now();
    if (!saving || (!ended && now < saved + kSavePeriod)) continue;
    saved = now;
    // The migration does not hang on it: the target has all that a next run needs.
    if (base::Status written = record.Write(status); !written.ok()) {
      saving = false;
      listener.OnNote(fmt::format("`godwit status` will lack numbers: {}", written.message()));
    }
  }
  if (ended->ok()) return {RunEnd::kDone, base::OkStatus()};
  if (absl::IsCancelled(*ended)) return {RunEnd::kStopped, base::OkStatus()};
  return Failed(*ended);
}

}  // namespace godwit::server
