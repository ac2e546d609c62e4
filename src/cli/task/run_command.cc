#include <absl/strings/match.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <limits>

#include "cli/command.h"
#include "cli/stop_signals.h"
#include "cli/task/progress_display.h"
#include "cli/text/check_text.h"
#include "server/local_run.h"
#include "server/report_json.h"

namespace godwit::cli {
namespace {

struct RunArguments {
  TaskArguments task;
  std::string until;
  std::string progress = "auto";
  bool restart = false;
  bool skip_checks = false;
  uint64_t generation = 0;
};

bool IsTerminal() {
  const char* kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && kind != nullptr && std::string_view(kind) != "dumb";
}

std::unique_ptr<ProgressDisplay> MakeDisplay(const std::string& kind) {
  if (kind == "json") return MakeJsonDisplay(stdout);
  if (kind == "none") return MakeNoDisplay();
  if (kind == "tty" || (kind == "auto" && IsTerminal())) return MakeLiveDisplay(stderr);
  return MakePlainDisplay(stderr);
}

// Passes on to the display what the run tells, and says once that it was asked to stop.
class Reporter : public server::RunListener {
 public:
  Reporter(ProgressDisplay& display, std::stop_token stop)
      : display_(display), stop_(std::move(stop)) {}

  void OnChecks(const connector::CheckReport& report) override {
    const Json json = server::CheckJson(report);
    for (const Json& item : json["items"]) {
      if (item["result"] != "pass") fmt::print(stderr, "{}\n", CheckLine(item));
    }
  }
  void OnStatus(const server::TaskStatus& status) override {
    if (status.state != server::RunState::kRunning) return display_.End(status);
    display_.Show(status);
    if (told_ || !stop_.stop_requested()) return;
    told_ = true;
    display_.Note("stopping once the work in hand is saved; interrupt again to end at once");
  }
  void OnNote(const std::string& note) override { display_.Note(note); }

 private:
  ProgressDisplay& display_;
  std::stop_token stop_;
  bool told_ = false;
};

ExitCode Run(const RunArguments& options) {
  auto task = options.task.Load();
  if (!task.ok()) return Fail(task.status());
  auto state_dir = options.task.StateDir();
  if (!state_dir.ok()) return Fail(state_dir.status());

  StopSignals signals;
  std::unique_ptr<ProgressDisplay> display = MakeDisplay(options.progress);
  Reporter reporter(*display, signals.token());
  server::TaskRunOptions run;
  run.task_file = std::filesystem::absolute(options.task.task_file).string();
  run.until_caught_up = options.until == "caught-up";
  run.restart = options.restart;
  run.checks = !options.skip_checks;
  run.generation = options.generation;
  const server::RunResult result =
      server::RunLocally(*task, run, *state_dir, reporter, signals.token());
  switch (result.end) {
    case server::RunEnd::kDone:
      return kDone;
    case server::RunEnd::kStopped:
      return kInterrupted;
    case server::RunEnd::kCheckFailed:
      PrintError(base::FailedPrecondition(
          "{}: a check failed (see above), and nothing has been changed; do what it says and run "
          "again, or go on at your own risk with --skip-checks",
          task->name));
      return kFound;
    case server::RunEnd::kFailed:
      break;
  }
  // Some errors name the task themselves.
  if (absl::StartsWith(result.status.message(), "task ")) return Fail(result.status);
  return Fail(base::Annotate(result.status, "task " + task->name));
}

}  // namespace

Command AddRunCommand(CLI::App& parent) {
  CLI::App* app =
      parent.add_subcommand("run", "Run a task: schema, copy, changes, from wherever it stands");
  app->footer(
      "A run that was stopped, or killed, goes on where it was when the same command is given "
      "again.\n"
      "Ctrl-C (or SIGTERM) finishes the group in hand, saves and exits with 130.\n\n"
      "Examples:\n"
      "  godwit run shop.yaml                              until you stop it\n"
      "  godwit run shop.yaml --until caught-up            for scripts: ends once all is applied\n"
      "  godwit run shop.yaml --progress json | jq -c '[.phase, .changes.lag_seconds]'\n"
      "  godwit run shop.yaml --restart                    begin anew, dropping what it made\n\n"
      "Exit codes: 0 done, 1 failed, 2 bad usage or task file, 3 a check failed and nothing was "
      "changed,\n"
      "130 interrupted with everything saved.");
  auto options = std::make_shared<RunArguments>();
  options->task.AddTo(*app);
  app->add_option(
         "--until", options->until,
         "End when all that the source had committed when the copy ended (or, with the copy "
         "behind it, when this command began) is applied")
      ->check(CLI::IsMember({"caught-up"}))
      ->type_name("caught-up");
  app->add_flag("--restart", options->restart,
                "Begin anew: the tables that the task has made are dropped and copied again");
  app->add_option("--progress", options->progress,
                  "How progress is shown: live lines (tty), log lines (plain), a JSON object per "
                  "line on standard output (json), or not (none)")
      ->check(CLI::IsMember({"auto", "tty", "plain", "json", "none"}))
      ->type_name("KIND")
      ->capture_default_str();
  app->add_flag("--skip-checks", options->skip_checks,
                "Begin without looking at both servers first");
  // As a worker of a cluster, for tests.
  app->add_option("--generation", options->generation)
      ->check(CLI::Range(uint64_t{1}, uint64_t{std::numeric_limits<int64_t>::max()}))
      ->group("");
  return {app, [options] { return Run(*options); }};
}

}  // namespace godwit::cli
