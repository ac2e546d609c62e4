#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/status.h"
#include "cli/outcome.h"
#include "config/task.h"

namespace godwit::cli {

// A command: where it stands on the command line, and what it does once that has been read.
struct Command {
  CLI::App* app;
  std::function<ExitCode()> run;
};

// Each adds its command, with options and help, to `parent`, which outlives it.
Command AddRunCommand(CLI::App& parent);
Command AddCheckCommand(CLI::App& parent);
Command AddPlanCommand(CLI::App& parent);
Command AddStatusCommand(CLI::App& parent);
Command AddVerifyCommand(CLI::App& parent);
Command AddDdlCommand(CLI::App& parent);
Command AddRemoveCommand(CLI::App& parent);
Command AddImportCommand(CLI::App& parent);
// These ask a master of a cluster.
Command AddSourceCommand(CLI::App& parent);
Command AddTaskCommand(CLI::App& parent);
Command AddMemberCommand(CLI::App& parent);
Command AddLeaderCommand(CLI::App& parent);
Command AddRelayCommand(CLI::App& parent);
Command AddEncryptCommand(CLI::App& parent);
Command AddTokenCommand(CLI::App& parent);
Command AddMasterCommand(CLI::App& parent);
Command AddWorkerCommand(CLI::App& parent);

// What every command that works on a task takes: its file, and the state directory.
struct TaskArguments {
  std::string task_file;
  std::string state_dir;  // empty: the default one

  void AddTo(CLI::App& app);
  // The task, with its warnings printed and the passwords of the ends that are used within reach.
  base::StatusOr<config::Task> Load(bool uses_source = true, bool uses_target = true) const;
  base::StatusOr<std::string> StateDir() const;
};

// The whole program: reads the command line and runs what it says.
int Main(int argc, const char* const* argv);

}  // namespace godwit::cli
