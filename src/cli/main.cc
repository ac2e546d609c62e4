#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <stop_token>

#include "base/log.h"
#include "config/task.h"
#include "pipeline/task_runner.h"
#include "server/connectors.h"

using namespace godwit;  // NOLINT

namespace {
std::stop_source g_stop;
void OnSignal(int) { g_stop.request_stop(); }
}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Godwit moves live databases"};
  app.require_subcommand(1);
  std::string path, until, level = "info";
  bool restart = false;
  CLI::App* run = app.add_subcommand("run", "Run a task");
  run->add_option("task", path)->required();
  run->add_option("--until", until);
  run->add_flag("--restart", restart);
  std::string state_dir, progress_kind;
  run->add_option("--state-dir", state_dir);
  run->add_option("--progress", progress_kind);
  CLI11_PARSE(app, argc, argv);
  base::StartLogging(level);
  auto task = config::LoadTask(path);
  if (!task.ok()) {
    std::cerr << task.status().message() << "\n";
    return 2;
  }
  auto source = server::MakeSource(*task);
  auto destination = server::MakeDestination(*task);
  if (!source.ok() || !destination.ok()) return 2;
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
  pipeline::Progress progress;
  base::Status status = pipeline::RunTask(*task, **source, **destination, {until == "caught-up", restart}, progress, g_stop.get_token());
  std::cerr << status << "\n"
            << "rows " << progress.rows_copied << " tx " << progress.transactions << " changes " << progress.row_changes << " drift "
            << progress.drifted_rows << "\n";
  for (const std::string& note : progress.NotesAfter(0).second) std::cerr << "note " << note << "\n";
  if (status.ok()) return 0;
  return absl::IsCancelled(status) ? 130 : 1;
}
