#include "portal/etcd/command_line.h"

#include <absl/strings/str_split.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <set>
#include <system_error>

namespace godwit::portal {
namespace {

base::Status NoProgram(const std::string& binary, std::string_view why) {
  return base::FailedPrecondition(
      "--managed-etcd needs the program etcd, and {} {}: install Debian's package etcd-server "
      "(without its own service: systemctl disable --now etcd), or name the program by "
      "--etcd-binary",
      binary, why);
}

// ETCD_FOO_BAR of --foo-bar=... or --foo-bar.
std::string VariableOf(const std::string& flag) {
  std::string variable = "ETCD_";
  for (const char c : flag.substr(2, flag.find('=') - 2)) {
    variable.push_back(c == '-' ? '_' : static_cast<char>(std::toupper(c)));
  }
  return variable;
}

// With these, etcd would not be where its flags say, or not what they say.
bool IsRefused(const std::string& variable) {
  constexpr std::array<std::string_view, 4> kPrefixes = {"ETCD_CONFIG_FILE", "ETCD_WAL_DIR",
                                                         "ETCD_DISCOVERY", "ETCD_PROXY"};
  return std::ranges::any_of(kPrefixes,
                             [&](std::string_view prefix) { return variable.starts_with(prefix); });
}

}  // namespace

base::StatusOr<std::string> FindEtcd(const std::string& binary) {
  if (binary.find('/') != std::string::npos) {
    if (access(binary.c_str(), X_OK) == 0) return binary;
    return NoProgram(binary,
                     fmt::format("cannot be executed: {}", std::generic_category().message(errno)));
  }
  const char* path = std::getenv("PATH");
  for (const std::string& folder :
       std::vector<std::string>(absl::StrSplit(path == nullptr ? "/usr/bin" : path, ':'))) {
    const std::string program = fmt::format("{}/{}", folder.empty() ? "." : folder, binary);
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return NoProgram(binary, "is in no folder of PATH");
}

std::vector<std::string> EtcdFlags(const ManagedEtcdOptions& options, const std::string& data_path,
                                   const EtcdBeginning& beginning) {
  const EtcdPeer& self = options.Self();
  const bool is_secure = options.IsSecure();
  const std::string scheme = is_secure ? "https" : "http";
  const std::string host = ListenHost(self);
  std::vector<std::string> flags = {
      "--name=" + options.name,
      "--data-dir=" + data_path,
      fmt::format("--listen-peer-urls={}://{}:{}", scheme, host, self.port),
      fmt::format("--listen-client-urls={}://{}:{}", scheme, host, self.client_port),
      "--initial-advertise-peer-urls=" + PeerUrl(self, is_secure),
      "--advertise-client-urls=" + ClientUrl(self, is_secure),
      "--initial-cluster=" + beginning.members,
      fmt::format("--initial-cluster-state={}", beginning.is_new_cluster ? "new" : "existing"),
      "--initial-cluster-token=godwit",
      // Watches that were cut off go on within that time.
      "--auto-compaction-mode=periodic",
      "--auto-compaction-retention=1h",
      "--logger=zap",
      "--log-outputs=stderr",
  };
  if (is_secure) {
    const store::EtcdTls& tls = options.tls;
    for (const std::string kind : {"", "peer-"}) {
      flags.insert(flags.end(), {fmt::format("--{}cert-file={}", kind, tls.cert),
                                 fmt::format("--{}key-file={}", kind, tls.key),
                                 fmt::format("--{}trusted-ca-file={}", kind, tls.ca),
                                 fmt::format("--{}client-cert-auth=true", kind)});
    }
  }
  return flags;
}

std::vector<std::string> EtcdEnvironment(char** all, const std::vector<std::string>& flags) {
  std::set<std::string> taken;
  for (const std::string& flag : flags) taken.insert(VariableOf(flag));
  std::vector<std::string> environment;
  for (char** one = all; *one != nullptr; ++one) {
    const std::string text = *one;
    const std::string name = text.substr(0, text.find('='));
    const bool is_etcds = name.starts_with("ETCD_") && !taken.contains(name) && !IsRefused(name);
    const bool is_gos = name == "GOMAXPROCS" || name == "GOGC" || name == "GODEBUG";
    if (is_etcds || is_gos || name == "PATH" || name == "HOME") environment.push_back(text);
  }
  return environment;
}

}  // namespace godwit::portal
