#include "cli/command.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <tuple>

#include "base/log.h"
#include "cli/dmctl_words.h"
#include "config/secret_keys.h"
#include "server/state_dir.h"

namespace godwit::cli {
namespace {

constexpr const char* kAbout =
    "Godwit moves live databases: it re-creates the schema, copies the data, and follows every "
    "change\n"
    "until you cut over.";
constexpr const char* kMore =
    "Examples:\n"
    "  godwit check shop.yaml                     what stands in the way, and what to do about it\n"
    "  godwit plan shop.yaml                      what a run would do; changes nothing\n"
    "  godwit run shop.yaml                       migrate, then follow the changes until Ctrl-C\n"
    "  godwit run shop.yaml --until caught-up     migrate, catch up, end\n"
    "  godwit status shop.yaml                    where the task stands\n"
    "  godwit verify shop.yaml                    compare both ends, row by row\n"
    "  godwit ddl shop.yaml                       which DDL waits for you, and which were not "
    "executed\n"
    "  godwit remove shop.yaml                    take away all but the migrated tables\n"
    "  godwit import dm task.yaml source.yaml     write DM's files as Godwit's\n"
    "  godwit task status --master URL            where the tasks of a cluster stand\n\n"
    "Exit codes: 0 done, 1 failed, 2 bad usage or task file, 3 a check or comparison found "
    "something,\n"
    "130 interrupted with everything saved.";

ExitCode PrintVersion() {
  fmt::print("godwit {}\n", GODWIT_VERSION);
  return kDone;
}

// The command that was given, with those that it is part of, as `godwit ddl skip`.
std::string GivenCommand(const CLI::App& app) {
  const std::vector<CLI::App*> given = app.get_subcommands();
  return given.empty() ? app.get_name() : app.get_name() + " " + GivenCommand(*given.front());
}

std::string UsageError(const CLI::App& app, const CLI::ParseError& error) {
  const std::string command = GivenCommand(app);
  if (command != app.get_name()) {
    return fmt::format("{}; `{} --help` shows how it is used", error.what(), command);
  }
  const std::vector<std::string> unknown = app.remaining();
  std::string why = error.what();
  if (!unknown.empty() && !unknown.front().starts_with("-"))
    why = fmt::format("`{}` is no command", unknown.front());
  else if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
    why = "a command is missing";
  return fmt::format("{}; `{} --help` shows which there are", why, command);
}

}  // namespace

void TaskArguments::AddTo(CLI::App& app) {
  app.add_option("task", task_file, "The task file")->required()->type_name("TASK.yaml");
  app.add_option("--state-dir", state_dir,
                 "Where runs keep their lock and record (default: $XDG_STATE_HOME/godwit, else "
                 "~/.local/state/godwit)")
      ->type_name("DIR");
}

base::StatusOr<config::Task> TaskArguments::Load(bool uses_source, bool uses_target) const {
  GODWIT_ASSIGN_OR_RETURN(config::Task task, config::LoadTask(task_file));
  for (const std::string& warning : task.warnings) PrintWarning(warning);
  // Said here, a missing password is an error of the configuration, and not of a server.
  for (const auto& [end, endpoint, used] : {std::tuple("source", &task.source, uses_source),
                                            std::tuple("target", &task.target, uses_target)}) {
    if (!used) continue;
    GODWIT_RETURN_IF_ERROR(base::Annotate(endpoint->password.Resolve().status(),
                                          fmt::format("{}: {}", task_file, end)));
  }
  return task;
}

base::StatusOr<std::string> TaskArguments::StateDir() const {
  if (!state_dir.empty()) return state_dir;
  return server::DefaultStateDir();
}

int Main(int argc, const char* const* argv) {
  CLI::App app{kAbout, "godwit"};
  app.footer(kMore);
  app.set_version_flag("--version", std::string("godwit ") + GODWIT_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  std::string level = "warn";
  app.add_option("--log-level", level, "The least level of log lines on standard error")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}))
      ->type_name("LEVEL")
      ->capture_default_str();
  std::vector<std::string> key_files;
  app.add_option("--key-file", key_files,
                 "Where the key of encrypted passwords is; may be given several times (default: "
                 "what GODWIT_KEY_FILE names, with colons between them)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  std::vector<Command> commands = {
      AddRunCommand(app),    AddCheckCommand(app),  AddPlanCommand(app),   AddStatusCommand(app),
      AddVerifyCommand(app), AddDdlCommand(app),    AddRemoveCommand(app), AddEncryptCommand(app),
      AddTokenCommand(app),  AddMasterCommand(app), AddWorkerCommand(app), AddSourceCommand(app),
      AddTaskCommand(app),   AddMemberCommand(app), AddLeaderCommand(app), AddRelayCommand(app),
      AddImportCommand(app)};
  commands.push_back({app.add_subcommand("version", "Print the version"), PrintVersion});
  std::vector<std::string> words = InOurWords({argv + 1, argv + argc});
  std::reverse(words.begin(), words.end());  // as CLI11 takes them
  try {
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    // Help and version come this way too.
    if (error.get_exit_code() == 0) return app.exit(error);
    PrintError(base::InvalidArgument("{}", UsageError(app, error)));
    return kBadUsage;
  }
  base::StartLogging(level);
  // Before anything else runs.
  if (!key_files.empty()) {
    setenv(config::kKeyFileVariable, fmt::format("{}", fmt::join(key_files, ":")).c_str(), 1);
  }
  for (const Command& command : commands) {
    if (command.app->parsed()) return command.run();
  }
  return kBadUsage;
}

}  // namespace godwit::cli
