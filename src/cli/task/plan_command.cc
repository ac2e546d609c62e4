#include "cli/command.h"
#include "cli/text/plan_text.h"
#include "server/report_json.h"

namespace godwit::cli {
namespace {

struct PlanArguments {
  TaskArguments task;
  bool json = false;
};

ExitCode Plan(const PlanArguments& options) {
  auto task = options.task.Load();
  if (!task.ok()) return Fail(task.status());
  auto plan = server::PlanTask(*task);
  if (!plan.ok()) return Fail(plan.status());
  const Json json = server::PlanJson(*task, *plan);
  if (options.json) {
    fmt::print("{}\n", server::ToText(json, 2));
  } else {
    PrintLines(
        PlanLines(json, fmt::format("{} to {}", task->source.ToString(), task->target.ToString())));
  }
  return plan->has_conflicts() ? kFound : kDone;
}

}  // namespace

Command AddPlanCommand(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand("plan", "Print what a run would do; changes nothing");
  app->footer(
      "Tables with their estimated rows and bytes, the ranges and chunks of their copy, and the "
      "DDL in\n"
      "the order of its execution. The output is SQL, with all else in comments.\n\n"
      "Examples:\n"
      "  godwit plan shop.yaml\n"
      "  godwit plan shop.yaml --json | jq '.tables[].name'\n\n"
      "Exit codes: 0 done, 1 failed, 2 bad usage or task file, 3 a table of the target is in the "
      "way.");
  auto options = std::make_shared<PlanArguments>();
  options->task.AddTo(*app);
  app->add_flag("--json", options->json, "Print one JSON object");
  return {app, [options] { return Plan(*options); }};
}

}  // namespace godwit::cli
