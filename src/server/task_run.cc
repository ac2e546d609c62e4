#include "server/task_run.h"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/backoff.h"
#include "pipeline/task_runner.h"
#include "server/connectors.h"
#include "server/relay_run.h"
#include "server/status_sampler.h"
#include "server/stop_limit.h"

namespace godwit::server {
namespace {

constexpr std::chrono::milliseconds kSamplePeriod(100);

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

// Whether all that failed is that a server did not answer.
bool IsOnlyAway(const connector::CheckReport& report) {
  return std::ranges::all_of(report, [](const connector::CheckItem& item) {
    return item.result != connector::CheckResult::kFail || item.is_away;
  });
}

// False: to stop.
bool Sleep(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any condition;
  std::unique_lock lock(mutex);
  condition.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

// Whether the run is to begin the task anew.
base::StatusOr<bool> BeginsAnew(const TaskRunOptions& options,
                                connector::Destination& destination) {
  if (options.restart || options.restart_order == 0) return options.restart;
  GODWIT_ASSIGN_OR_RETURN(const std::optional<connector::TaskState> state, destination.LoadState());
  return state && state->restarted < options.restart_order;
}

// The server in a url, without how and as whom it is spoken to.
std::string_view ServerOf(std::string_view url) { return url.substr(url.find('@') + 1); }

// Of a task that an earlier version began, nobody knows which server its positions are of; and the
// same server may have got another name.
void NoteChangedSource(const TaskStatus& before, const config::Task& task, RunListener& listener) {
  if (ServerOf(before.source) == ServerOf(task.source.ToString())) return;
  listener.OnNote(fmt::format(
      "the source was {} in the run before, and is {} now: this has to be the same server, or the "
      "task goes on from a position that means nothing there",
      before.source, task.source.ToString()));
}

}  // namespace

RunResult RunTask(const config::Task& given, const TaskRunOptions& options,
                  const std::optional<TaskStatus>& before, RunListener& listener,
                  const std::stop_token& stop) {
  const StopLimit limit(stop);
  config::Task task = given;
  task.source.give_up = task.target.give_up = limit.give_up();
  std::shared_ptr<connector::Relay> relay = options.relay;
  const bool runs_relay =
      relay == nullptr && !task.relay.dir.empty() && task.mode != config::Mode::kCopy;
  if (runs_relay) {
    auto made = MakeRelay(task.source, task.name, task.relay);
    if (!made.ok()) return Failed(made.status());
    relay = *std::move(made);
  }
  auto source = MakeSource(task, relay);
  if (!source.ok()) return Failed(source.status());
  auto destination = MakeDestination(task);
  if (!destination.ok()) return Failed(destination.status());

  // Who has started a run by hand learns at once that a server is away; a worker waits for it.
  base::Backoff patience(options.generation == 0 ? std::chrono::milliseconds(0) : task.retry_for);
  std::optional<connector::TaskState> state;
  bool restarts = options.restart;
  while (true) {
    base::StatusOr<std::optional<connector::TaskState>> loaded(std::nullopt);
    connector::CheckReport report;
    // Other errors the checks meet as well.
    if (options.generation != 0) {
      const base::Status way = (*destination)->MakeWay(options.generation);
      if (absl::IsAborted(way)) loaded = base::Unavailable("{}", way.message());
    }
    if (loaded.ok()) {
      const auto begins_anew = BeginsAnew(options, **destination);
      if (begins_anew.ok()) {
        restarts = *begins_anew;
      } else if (absl::IsUnavailable(begins_anew.status())) {
        loaded = begins_anew.status();
      }
      if (options.checks && loaded.ok())
        report = pipeline::CheckTask(task, **source, **destination, restarts);
    }
    const bool is_fit = !pipeline::HasFailures(report);
    if (is_fit && loaded.ok()) loaded = (*destination)->LoadState();
    const bool may_pass = is_fit ? absl::IsUnavailable(loaded.status()) : IsOnlyAway(report);
    if (stop.stop_requested() && (!is_fit || !loaded.ok()))
      return {RunEnd::kStopped, base::OkStatus()};
    const std::optional<std::chrono::milliseconds> wait = may_pass ? patience.Next() : std::nullopt;
    if (!wait) {
      if (options.checks) listener.OnChecks(report);
      if (!is_fit) return {RunEnd::kCheckFailed, base::OkStatus()};
      if (!loaded.ok()) return Failed(loaded.status());
      state = *std::move(loaded);
      break;
    }
    if (!Sleep(*wait, stop)) return {RunEnd::kStopped, base::OkStatus()};
  }
  const auto shared_progress = std::make_shared<pipeline::Progress>();
  pipeline::Progress& progress = *shared_progress;
  listener.OnBegin(shared_progress);
  StatusSampler sampler(task, options.task_file, restarts ? std::nullopt : state, progress);
  listener.OnStatus(sampler.Sample());
  if (state && state->server.empty() && !restarts && before)
    NoteChangedSource(*before, task, listener);

  // What the copy or the stream goes on from; of a task that begins now the source says it.
  if (relay != nullptr && state && !restarts) relay->Need(task.name, state->applied);
  std::optional<RelayRun> relay_run;
  if (runs_relay)
    relay_run.emplace(relay, [&](std::string note) { progress.Note(std::move(note)); });

  Work work([&] {
    return pipeline::RunTask(task, **source, **destination,
                             {.until_caught_up = options.until_caught_up,
                              .restart = options.restart,
                              .restart_order = options.restart_order,
                              .generation = options.generation},
                             progress, stop);
  });
  std::optional<base::Status> ended;
  while (!ended) {
    ended = work.WaitFor(kSamplePeriod);
    for (const std::string& note : sampler.TakeNotes()) listener.OnNote(note);
    const TaskStatus& status = ended ? sampler.End(*ended) : sampler.Sample();
    for (const TaskStatus& passed : sampler.passed()) listener.OnStatus(passed);
    listener.OnStatus(status);
  }
  if (ended->ok()) return {RunEnd::kDone, base::OkStatus()};
  if (absl::IsCancelled(*ended)) return {RunEnd::kStopped, base::OkStatus()};
  return Failed(*ended);
}

}  // namespace godwit::server
