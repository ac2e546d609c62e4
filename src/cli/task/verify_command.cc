#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "cli/command.h"
#include "cli/stop_signals.h"
#include "cli/text/comparison_text.h"
#include "cli/text/quantity_text.h"

namespace godwit::cli {
namespace {

struct VerifyArguments {
  TaskArguments task;
  bool json = false;
};

// Tells on standard error how a comparison goes on, for as long as it lives: on a terminal one line
// that is written over, elsewhere a line every 10 s.
class Ticker {
 public:
  explicit Ticker(const verify::VerifyProgress& progress)
      : progress_(progress),
        terminal_(isatty(STDERR_FILENO) != 0),
        thread_([this](std::stop_token stop) { Tick(std::move(stop)); }) {}
  ~Ticker() {
    thread_.request_stop();
    thread_.join();
    if (terminal_) fmt::print(stderr, "\r\x1b[2K");
  }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  void Tick(std::stop_token stop) {
    const auto period = std::chrono::milliseconds(terminal_ ? 200 : 10'000);
    std::unique_lock lock(mutex_);
    uint64_t told = 0;
    while (!wake_.wait_for(lock, stop, period, [&] { return stop.stop_requested(); })) {
      const char* const anew = terminal_ ? "\r\x1b[2K" : "";
      if (const auto [times, why] = progress_.trouble.Last(); times != told) {
        fmt::print(stderr, "{}{}; trying again\n", anew, why);
        told = times;
      }
      const std::string line =
          fmt::format("comparing: {} of {} tables, {} rows, {}", progress_.tables_done.load(),
                      progress_.tables_total.load(), CountText(progress_.rows),
                      BytesText(static_cast<double>(progress_.bytes)));
      fmt::print(stderr, "{}{}{}", anew, line, terminal_ ? "" : "\n");
      std::fflush(stderr);
    }
  }

  const verify::VerifyProgress& progress_;
  const bool terminal_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

ExitCode Verify(const VerifyArguments& options) {
  auto task = options.task.Load();
  if (!task.ok()) return Fail(task.status());
  StopSignals signals;
  verify::VerifyProgress progress;
  auto report = [&] {
    Ticker ticker(progress);
    return server::CompareTask(*task, progress, signals.token());
  }();
  if (!report.ok()) return Fail(report.status());
  if (options.json) {
    fmt::print("{}\n", ComparisonJson(task->name, *report));
  } else {
    PrintLines(ComparisonLines(*report));
  }
  return report->equal() ? kDone : kFound;
}

}  // namespace

Command AddVerifyCommand(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand(
      "verify", "Compare source and target, every row and column; changes nothing");
  app->footer(
      "To be run when the task is stopped, or has caught up: rows on their way are looked at again "
      "before\n"
      "they count as different.\n\n"
      "Examples:\n"
      "  godwit verify shop.yaml\n"
      "  godwit verify shop.yaml --json | jq '.tables[] | select(.result != \"equal\")'\n\n"
      "Exit codes: 0 equal, 1 could not be done, 2 bad usage or task file, 3 different, 130 "
      "interrupted.");
  auto options = std::make_shared<VerifyArguments>();
  options->task.AddTo(*app);
  app->add_flag("--json", options->json, "Print one JSON object");
  return {app, [options] { return Verify(*options); }};
}

}  // namespace godwit::cli
