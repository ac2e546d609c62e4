#include "cli/command.h"
#include "cli/ddl_text.h"

namespace godwit::cli {
namespace {

using connector::DdlVerb;

struct DdlArguments {
  TaskArguments task;
  bool json = false;
  std::vector<std::string> statements;
};

ExitCode Show(const DdlArguments& options) {
  if (options.task.task_file.empty()) {
    return Fail(base::InvalidArgument(
        "ddl: the task file is missing; `godwit ddl --help` shows how it is used"));
  }
  auto task = options.task.Load();
  if (!task.ok()) return Fail(task.status());
  auto standing = server::ReadDdl(*task);
  if (!standing.ok()) return Fail(standing.status());
  if (options.json) {
    fmt::print("{}\n", DdlJson(task->name, *standing));
  } else {
    for (const std::string& line : DdlLines(task->name, *standing)) fmt::print("{}\n", line);
  }
  return kDone;
}

ExitCode Decide(const DdlArguments& options, DdlVerb verb) {
  auto task = options.task.Load();
  if (!task.ok()) return Fail(task.status());
  auto state_dir = options.task.StateDir();
  if (!state_dir.ok()) return Fail(state_dir.status());
  if (base::Status decided = server::DecideDdl(*task, *state_dir, verb, options.statements);
      !decided.ok()) {
    return Fail(decided);
  }
  fmt::print("{}: noted; the next `godwit run` does it\n", task->name);
  return kDone;
}

// The verb that the command line has after `ddl`, if any.
struct Verb {
  CLI::App* app;
  DdlVerb verb;
};

Verb AddVerb(CLI::App& parent, const std::shared_ptr<DdlArguments>& options, const char* name,
             DdlVerb verb, const char* about) {
  CLI::App* app = parent.add_subcommand(name, about);
  options->task.AddTo(*app);
  return {app, verb};
}

}  // namespace

Command AddDdlCommand(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand(
      "ddl", "Show and decide what becomes of a DDL of the source that was not executed");
  app->footer(
      "A DDL that fails on the target, or that the task file's rules stop, ends the run and waits. "
      "Say\n"
      "what is to become of it, then run again. The DDL that were ignored, skipped or replaced are "
      "listed\n"
      "too.\n\n"
      "Examples:\n"
      "  godwit ddl shop.yaml                       what waits, and what was not executed\n"
      "  godwit ddl retry shop.yaml                 execute it as it stands\n"
      "  godwit ddl skip shop.yaml                  leave the target as it is\n"
      "  godwit ddl replace shop.yaml --sql 'ALTER TABLE shop.t ADD c INT'\n\n"
      "Exit codes: 0 done, 1 failed (nothing waits, the task is running), 2 bad usage or task "
      "file.");
  app->require_subcommand(0, 1);
  auto options = std::make_shared<DdlArguments>();
  options->task.AddTo(*app);
  app->get_option("task")->required(false);  // each verb has its own
  app->add_flag("--json", options->json, "Print one JSON object");
  std::vector<Verb> verbs = {
      AddVerb(*app, options, "retry", DdlVerb::kRetry, "Execute it, as it stands"),
      AddVerb(*app, options, "skip", DdlVerb::kSkip, "Leave the target as it is"),
      AddVerb(*app, options, "replace", DdlVerb::kReplace, "Execute other statements instead")};
  verbs.back()
      .app
      ->add_option("--sql", options->statements,
                   "A statement to be executed on the target instead; may be given several times, "
                   "in their order")
      ->required()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("STATEMENT");
  return {app, [options, verbs = std::move(verbs)] {
            for (const Verb& verb : verbs) {
              if (verb.app->parsed()) return Decide(*options, verb.verb);
            }
            return Show(*options);
          }};
}

}  // namespace godwit::cli
