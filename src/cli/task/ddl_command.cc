#include "cli/cluster/cluster_ddl.h"
#include "cli/cluster/command_group.h"
#include "cli/command.h"
#include "cli/text/ddl_text.h"
#include "server/report_json.h"

namespace godwit::cli {
namespace {

using connector::DdlVerb;

struct DdlArguments {
  TaskArguments task;
  ClientArguments master;
  bool json = false;
  std::vector<std::string> statements;
  std::vector<std::string> sources;

  // Whether the task is one of a cluster.
  bool IsOfCluster() const {
    return !master.urls.empty() || (master.IsGiven() && !IsFile(task.task_file));
  }
};

// Does `act` with the master, on the task's name.
template <typename Act>
ExitCode AskMaster(const DdlArguments& options, const Act& act) {
  const auto name = NameIn(Named::kTask, options.task.task_file);
  if (!name.ok()) return Fail(name.status());
  auto client = options.master.Connect();
  if (!client.ok()) return Fail(client.status());
  Session session(*std::move(client), options.json);
  return act(session, *name);
}

ExitCode Show(const DdlArguments& options) {
  if (options.task.task_file.empty()) {
    return Fail(base::InvalidArgument(
        "ddl: the task file is missing; `godwit ddl --help` shows how it is used"));
  }
  if (options.IsOfCluster()) return AskMaster(options, ShowClusterDdl);
  auto task = options.task.Load();
  if (!task.ok()) return Fail(task.status());
  auto standing = server::ReadDdl(*task);
  if (!standing.ok()) return Fail(standing.status());
  const Json ddl = server::DdlJson(task->name, *standing);
  if (options.json) {
    fmt::print("{}\n", server::ToText(ddl, 2));
  } else {
    PrintLines(DdlLines(ddl, "`godwit ddl retry`, `skip` or `replace --sql '...'`, then run"));
  }
  return kDone;
}

ExitCode Decide(const DdlArguments& options, const std::string& word, DdlVerb verb) {
  if (options.IsOfCluster()) {
    return AskMaster(options, [&](Session& session, const std::string& task) {
      return DecideClusterDdl(session, task, word, options.sources, options.statements);
    });
  }
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
  options->master.AddTo(*app);
  app->add_option("-s,--source", options->sources,
                  "Of a cluster's task, on this source only; may be given several times")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("SOURCE")
      ->group(ClientArguments::kGroup);
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
      "too. With --master or GODWIT_MASTER, the task may be one of a cluster, by its name: it is "
      "resumed then.\n\n"
      "Examples:\n"
      "  godwit ddl shop.yaml                       what waits, and what was not executed\n"
      "  godwit ddl retry shop.yaml                 execute it as it stands\n"
      "  godwit ddl skip shop.yaml                  leave the target as it is\n"
      "  godwit ddl replace shop.yaml --sql 'ALTER TABLE shop.t ADD c INT'\n"
      "  godwit ddl skip shop --source shop-db      of a task of a cluster\n\n"
      "Exit codes: 0 done, 1 failed (nothing waits, the task is running), 2 bad usage or task "
      "file.");
  app->require_subcommand(0, 1);
  auto options = std::make_shared<DdlArguments>();
  options->task.AddTo(*app);
  app->get_option("task")->required(false);  // each verb has its own
  options->master.AddTo(*app);
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
              if (verb.app->parsed()) return Decide(*options, verb.app->get_name(), verb.verb);
            }
            return Show(*options);
          }};
}

}  // namespace godwit::cli
