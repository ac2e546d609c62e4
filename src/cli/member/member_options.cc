#include "cli/member/member_options.h"

#include <absl/strings/str_split.h>

#include <cstdlib>

#include "base/log.h"
#include "base/text.h"
#include "config/secret.h"
#include "config/secret_places.h"

namespace godwit::cli {

void MemberOptions::AddTo(LayeredOptions& options) {
  options.Add("name", name, "What it is called; each has a name of its own", "NAME");
  options.Add("etcd", etcd, "The members of the etcd cluster, with commas", "URL,...");
  options.Add("etcd-ca", etcd_tls.ca, "Certificates that sign etcd's, in PEM", "FILE");
  options.Add("etcd-cert", etcd_tls.cert, "What it proves itself with to etcd", "FILE");
  options.Add("etcd-key", etcd_tls.key, "The key of that certificate", "FILE");
  options.Add("etcd-user", etcd_user, "The user of etcd's own", "NAME");
  options.Add("etcd-password-file", etcd_password_file, "Where that user's password is", "FILE");
  options.Add("listen", exposure.listen, "Where it listens", "HOST:PORT");
  options.Add("advertise", exposure.advertise, "Where others reach it, if that is another address",
              "URL");
  options.Add("lease", lease,
              "Seconds after which it is taken for dead when nothing was heard of it", "SECONDS");
  options.Add("tls-cert", exposure.tls.cert, "Its certificate, in PEM: with it, it talks HTTPS",
              "FILE");
  options.Add("tls-key", exposure.tls.key, "The key of that certificate", "FILE");
  options.Add(
      "tls-ca", exposure.tls.ca,
      "Certificates that sign those of clients, which have to prove themselves then, and of "
      "other members",
      "FILE");
  options.Add("tokens", tokens, "Who may ask it for what (`godwit token`)", "FILE");
  options.Add(
      "secrets-dir", secrets_dir,
      "Read passwords that task and source files name of files below this folder alone, and "
      "of environment variables that begin with GODWIT_SECRET_",
      "DIR");
  options.AddFlag("insecure", exposure.is_insecure,
                  "Listen for other machines without TLS or without tokens");
}

base::Status MemberOptions::CheckName() const {
  if (name.empty()) return base::InvalidArgument("it has no name: give it one with --name");
  return base::OkStatus();
}

base::StatusOr<store::EtcdOptions> MemberOptions::Etcd() const {
  store::EtcdOptions options;
  options.endpoints = absl::StrSplit(etcd, ',');
  options.tls = etcd_tls;
  options.user = etcd_user;
  if (!etcd_password_file.empty()) {
    GODWIT_ASSIGN_OR_RETURN(options.password,
                            config::Secret::FromFile(etcd_password_file).Resolve());
  }
  return options;
}

base::StatusOr<std::chrono::seconds> MemberOptions::Lease() const {
  const std::optional<int> seconds = base::ParseInteger<int>(lease);
  if (!seconds || *seconds < 3 || *seconds > 3600) {
    return base::InvalidArgument("--lease is \"{}\": it has to be a number from 3 to 3600", lease);
  }
  return std::chrono::seconds(*seconds);
}

base::StatusOr<portal::Exposure> MemberOptions::Exposed() const {
  portal::Exposure exposed = exposure;
  if (tokens.empty()) return exposed;
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<portal::Access> opened, portal::Access::Open(tokens));
  exposed.check_caller = [access = std::shared_ptr<portal::Access>(std::move(opened))](
                             const std::string& authorization) {
    return access->Check(authorization);
  };
  return exposed;
}

base::Status MemberOptions::ConfineSecrets() const {
  if (!secrets_dir.empty()) {
    if (!secrets_dir.starts_with('/')) {
      return base::InvalidArgument("--secrets-dir is \"{}\": it has to begin with a slash",
                                   secrets_dir);
    }
    setenv(config::kSecretsDirVariable, secrets_dir.c_str(), 1);
    return base::OkStatus();
  }
  const auto place = portal::ParseListen(exposure.listen);
  if (place.ok() && !portal::IsLoopback(place->first)) {
    spdlog::warn(
        "whoever may add a task can have any file that this process may read be read as a "
        "password: "
        "name the folder of those that are meant with --secrets-dir");
  }
  return base::OkStatus();
}

void TellMore(const CLI::App& app) {
  if (app.get_parent()->get_option("--log-level")->count() == 0) {
    spdlog::set_level(spdlog::level::info);
  }
}

}  // namespace godwit::cli
