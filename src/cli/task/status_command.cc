#include <chrono>

#include "cli/command.h"
#include "cli/text/standing_text.h"

namespace godwit::cli {
namespace {

struct StatusArguments {
  TaskArguments task;
  bool json = false;
};

ExitCode Status(const StatusArguments& options) {
  auto task = options.task.Load();
  if (!task.ok()) return Fail(task.status());
  auto state_dir = options.task.StateDir();
  if (!state_dir.ok()) return Fail(state_dir.status());
  auto standing = server::ReadStanding(*task, *state_dir);
  if (!standing.ok()) return Fail(standing.status());
  if (options.json) {
    fmt::print("{}\n", StandingJson(task->name, *standing));
    return kDone;
  }
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  PrintLines(StandingLines(task->name, *standing, now.count()));
  return kDone;
}

}  // namespace

Command AddStatusCommand(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand("status", "Print where a task stands, also while it runs");
  app->footer(
      "What the target has committed, how far behind the source's log that is, and what the last "
      "run\n"
      "left in the state directory. Takes no lock and changes nothing.\n\n"
      "Examples:\n"
      "  godwit status shop.yaml\n"
      "  godwit status shop.yaml --json | jq '{phase, bytes_behind}'\n\n"
      "Exit codes: 0 done, 1 neither the target nor the state directory could say, 2 bad usage or "
      "task\n"
      "file.");
  auto options = std::make_shared<StatusArguments>();
  options->task.AddTo(*app);
  app->add_flag("--json", options->json, "Print one JSON object");
  return {app, [options] { return Status(*options); }};
}

}  // namespace godwit::cli
