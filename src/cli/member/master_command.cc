#include "cli/command.h"
#include "cli/member/managed_etcd_arguments.h"
#include "cli/member/member_options.h"
#include "cli/stop_signals.h"
#include "portal/master_process.h"

namespace godwit::cli {
namespace {

struct MasterArguments {
  explicit MasterArguments(CLI::App& command) : app(command), layers(command) {
    member.exposure.listen = "127.0.0.1:8361";
    member.AddTo(layers);
    etcd.AddTo(layers);
  }
  CLI::App& app;
  LayeredOptions layers;
  MemberOptions member;
  ManagedEtcdArguments etcd;
};

base::StatusOr<portal::MasterOptions> OptionsOf(MasterArguments& arguments) {
  GODWIT_RETURN_IF_ERROR(arguments.layers.Resolve());
  const MemberOptions& member = arguments.member;
  GODWIT_RETURN_IF_ERROR(member.CheckName());
  portal::MasterOptions options{.name = member.name, .version = GODWIT_VERSION};
  GODWIT_ASSIGN_OR_RETURN(options.managed_etcd, arguments.etcd.Resolved(arguments.layers, member));
  if (options.managed_etcd) {
    options.etcd = portal::EndpointsOf(*options.managed_etcd);
  } else {
    GODWIT_ASSIGN_OR_RETURN(options.etcd, member.Etcd());
  }
  GODWIT_ASSIGN_OR_RETURN(options.lease, member.Lease());
  GODWIT_ASSIGN_OR_RETURN(options.exposure, member.Exposed());
  GODWIT_RETURN_IF_ERROR(member.ConfineSecrets());
  return options;
}

ExitCode Lead(MasterArguments& arguments) {
  const base::StatusOr<portal::MasterOptions> options = OptionsOf(arguments);
  if (!options.ok()) return Fail(options.status());
  TellMore(arguments.app);
  StopSignals signals;
  const base::Status status =
      portal::RunMaster(*options, signals.token(), [&](const std::string& url) {
        fmt::print("master {} answers at {}\n", options->name, url);
        std::fflush(stdout);
      });
  return status.ok() ? kDone : Fail(status);
}

}  // namespace

Command AddMasterCommand(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand(
      "master", "Run a master of a cluster: one of them leads, the others pass on to it");
  app->footer(
      "Examples:\n"
      "  godwit master --name m1 --etcd http://10.0.0.1:2379,http://10.0.0.2:2379\n"
      "  godwit master --config /etc/godwit/master.yaml\n"
      "  godwit master --name m1 --managed-etcd --peers m1=10.0.0.1,m2=10.0.0.2,m3=10.0.0.3 \\\n"
      "    --etcd-cert m1.pem --etcd-key m1.key --etcd-ca ca.pem       # and so m2 and m3\n\n"
      "What the file has, options override; what they have, the environment (GODWIT_ETCD and so "
      "on).\n"
      "SIGTERM ends it; another master may lead at once. Exit codes: 0 ended, 1 failed, 2 bad "
      "usage.");
  auto arguments = std::make_shared<MasterArguments>(*app);
  return {app, [arguments] { return Lead(*arguments); }};
}

}  // namespace godwit::cli
