#include "base/text.h"
#include "cli/command.h"
#include "cli/member/member_options.h"
#include "cli/stop_signals.h"
#include "portal/worker_process.h"
#include "server/state_dir.h"

namespace godwit::cli {
namespace {

struct WorkerArguments {
  explicit WorkerArguments(CLI::App& command) : app(command), layers(command) {
    member.exposure.listen = "127.0.0.1:0";
    member.AddTo(layers);
    layers.Add("slots", slots, "So many sources at a time", "NUMBER");
    layers.Add(
        "relay-dir", relay_dir,
        "Where it keeps the logs of sources with `relay: on` (default: the folder relay-NAME "
        "of $XDG_STATE_HOME/godwit, else of ~/.local/state/godwit)",
        "DIR");
  }
  CLI::App& app;
  LayeredOptions layers;
  MemberOptions member;
  std::string slots = "1", relay_dir;

  base::StatusOr<std::string> RelayFolder() const {
    if (!relay_dir.empty()) return relay_dir;
    GODWIT_ASSIGN_OR_RETURN(const std::string folder, server::DefaultStateDir());
    return fmt::format("{}/relay-{}", folder, member.name);
  }
};

base::StatusOr<portal::WorkerOptions> OptionsOf(WorkerArguments& arguments) {
  GODWIT_RETURN_IF_ERROR(arguments.layers.Resolve());
  const MemberOptions& member = arguments.member;
  GODWIT_RETURN_IF_ERROR(member.CheckName());
  const std::optional<int> slots = base::ParseInteger<int>(arguments.slots);
  if (!slots || *slots < 1 || *slots > 1000) {
    return base::InvalidArgument("--slots is \"{}\": it has to be a number from 1 to 1000",
                                 arguments.slots);
  }
  portal::WorkerOptions options{.name = member.name, .version = GODWIT_VERSION, .slots = *slots};
  GODWIT_ASSIGN_OR_RETURN(options.etcd, member.Etcd());
  GODWIT_ASSIGN_OR_RETURN(options.lease, member.Lease());
  GODWIT_ASSIGN_OR_RETURN(options.relay_folder, arguments.RelayFolder());
  GODWIT_ASSIGN_OR_RETURN(options.exposure, member.Exposed());
  GODWIT_RETURN_IF_ERROR(member.ConfineSecrets());
  return options;
}

ExitCode Work(WorkerArguments& arguments) {
  const base::StatusOr<portal::WorkerOptions> options = OptionsOf(arguments);
  if (!options.ok()) return Fail(options.status());
  TellMore(arguments.app);
  StopSignals signals;
  const base::Status status = portal::RunWorker(*options, signals.token());
  return status.ok() ? kDone : Fail(status);
}

}  // namespace

Command AddWorkerCommand(CLI::App& parent) {
  CLI::App* app =
      parent.add_subcommand("worker", "Run what a cluster's leader gives to this worker");
  app->footer(
      "Examples:\n"
      "  godwit worker --name w1 --etcd http://10.0.0.1:2379,http://10.0.0.2:2379\n"
      "  godwit worker --config /etc/godwit/worker.yaml --slots 4\n\n"
      "What the file has, options override; what they have, the environment (GODWIT_ETCD and so "
      "on).\n"
      "SIGTERM has it stop all it runs, with everything saved, and let go of it.");
  auto arguments = std::make_shared<WorkerArguments>(*app);
  return {app, [arguments] { return Work(*arguments); }};
}

}  // namespace godwit::cli
