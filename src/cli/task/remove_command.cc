#include "cli/command.h"
#include "cli/text/removal_text.h"
#include "server/report_json.h"

namespace godwit::cli {
namespace {

struct RemoveArguments {
  TaskArguments task;
  server::RemovalOptions removal;
  bool json = false;
};

ExitCode Remove(const RemoveArguments& options) {
  auto task = options.task.Load(!options.removal.source_is_gone, !options.removal.target_is_gone);
  if (!task.ok()) return Fail(task.status());
  auto state_dir = options.task.StateDir();
  if (!state_dir.ok()) return Fail(state_dir.status());
  server::RemovalOptions asked = options.removal;
  asked.state_dir = *std::move(state_dir);
  const server::Removal removal = server::RemoveTask(*task, asked);
  const Json json = server::RemovalJson(task->name, removal);
  if (options.json) {
    fmt::print("{}\n", server::ToText(json, 2));
  } else {
    PrintLines(RemovalLines(json));
  }
  return removal.status.ok() ? kDone : Fail(removal.status);
}

}  // namespace

Command AddRemoveCommand(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand(
      "remove", "Take away all that is kept for a task, but for the tables it has migrated");
  app->footer(
      "On the source what keeps its log for the task (of PostgreSQL: replication slot and\n"
      "publication), on the target the task's state, in the state directory its record and lock.\n"
      "A task that has not ended cannot go on after that: without --yes, what would be removed is\n"
      "listed, and nothing is done. Refused while the task runs. Where it fails or is "
      "interrupted,\n"
      "do it again.\n\n"
      "Examples:\n"
      "  godwit remove shop.yaml                    of a task that has ended; else, what would be\n"
      "                                             removed\n"
      "  godwit remove shop.yaml --yes              of any task, as after the cut-over\n"
      "  godwit remove shop.yaml --source-is-gone   of a source that exists no more\n\n"
      "Exit codes: 0 removed, or nothing was there, 1 failed (also: it has not ended, it runs), 2 "
      "bad\n"
      "usage or task file.");
  auto options = std::make_shared<RemoveArguments>();
  options->task.AddTo(*app);
  app->add_flag("--yes", options->removal.yes, "Also if the task has not ended");
  app->add_flag("--source-is-gone", options->removal.source_is_gone,
                "The source exists no more: leave it out");
  app->add_flag("--target-is-gone", options->removal.target_is_gone,
                "The target exists no more: leave it out");
  app->add_flag("--json", options->json, "Print one JSON object");
  return {app, [options] { return Remove(*options); }};
}

}  // namespace godwit::cli
