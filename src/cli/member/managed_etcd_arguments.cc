#include "cli/member/managed_etcd_arguments.h"

#include "server/state_dir.h"

namespace godwit::cli {

void ManagedEtcdArguments::AddTo(LayeredOptions& options) {
  options.AddFlag("managed-etcd", is_on,
                  "Run an etcd beside this master; all masters' are one cluster");
  options.Add(
      "peers", peers,
      "All masters with the machines that their etcd is on, this one too, the same for each "
      "(default: this one, on loopback)",
      "NAME=HOST[:PORT[:CLIENT-PORT]],...");
  options.Add(
      "data-dir", data_dir,
      "Where etcd's data are (default: the folder etcd-NAME of $XDG_STATE_HOME/godwit, else "
      "of ~/.local/state/godwit)",
      "DIR");
  options.Add("etcd-binary", binary, "The program, where it is not in PATH", "FILE");
}

base::StatusOr<std::optional<portal::ManagedEtcdOptions>> ManagedEtcdArguments::Resolved(
    const LayeredOptions& layers, const MemberOptions& member) const {
  if (!is_on) {
    for (const char* name : {"peers", "data-dir", "etcd-binary"}) {
      if (layers.IsGiven(name)) {
        return base::InvalidArgument(
            "--{} is of the etcd that --managed-etcd runs, which is not there: add it, or leave "
            "--{} out",
            name, name);
      }
    }
    return std::nullopt;
  }
  if (layers.IsGiven("etcd")) {
    return base::InvalidArgument(
        "--etcd and --managed-etcd do not go together: by the latter the master runs an etcd and "
        "knows where it and the others are, by --peers. Leave one of them out, also of the file "
        "and the environment (GODWIT_ETCD)");
  }
  portal::ManagedEtcdOptions options{.name = member.name,
                                     .data_dir = data_dir,
                                     .binary = binary,
                                     .tls = member.etcd_tls,
                                     .is_insecure = member.exposure.is_insecure};
  GODWIT_ASSIGN_OR_RETURN(
      options.peers,
      portal::ParseEtcdPeers(peers.empty() ? fmt::format("{}=127.0.0.1", member.name) : peers));
  if (data_dir.empty()) {
    const auto state = server::DefaultStateDir();
    if (!state.ok()) {
      return base::InvalidArgument("neither XDG_STATE_HOME nor HOME is set: say --data-dir");
    }
    options.data_dir = fmt::format("{}/etcd-{}", *state, member.name);
  }
  GODWIT_ASSIGN_OR_RETURN(const store::EtcdOptions etcd, member.Etcd());
  options.user = etcd.user;
  options.password = etcd.password;
  GODWIT_RETURN_IF_ERROR(portal::CheckManagedEtcd(options));
  return options;
}

}  // namespace godwit::cli
