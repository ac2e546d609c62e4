#include "cli/command.h"
#include "cli/text/check_text.h"
#include "server/report_json.h"

namespace godwit::cli {
namespace {

struct CheckArguments {
  TaskArguments task;
  bool json = false;
};

ExitCode Check(const CheckArguments& options) {
  auto task = options.task.Load();
  if (!task.ok()) return Fail(task.status());
  auto report = server::CheckTask(*task);
  if (!report.ok()) return Fail(report.status());
  const Json json = server::CheckJson(*report);
  if (options.json) {
    fmt::print("{}\n", server::ToText(json));
  } else {
    for (const Json& item : json["items"]) fmt::print("{}\n", CheckLine(item));
    fmt::print("{}: {}\n", task->name, CheckTotals(json));
  }
  return pipeline::HasFailures(*report) ? kFound : kDone;
}

}  // namespace

Command AddCheckCommand(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand(
      "check", "Look at both servers for what stands in a migration's way; changes nothing");
  app->footer(
      "One line per item: pass, warn or fail, what was found, and what to do about it.\n"
      "`godwit run` does the same first, and does not begin while an item fails.\n\n"
      "Examples:\n"
      "  godwit check shop.yaml\n"
      "  godwit check shop.yaml --json | jq '.items[] | select(.result != \"pass\")'\n\n"
      "Exit codes: 0 nothing failed, 1 could not be done, 2 bad usage or task file, 3 an item "
      "failed.");
  auto options = std::make_shared<CheckArguments>();
  options->task.AddTo(*app);
  app->add_flag("--json", options->json, "Print one JSON object");
  return {app, [options] { return Check(*options); }};
}

}  // namespace godwit::cli
