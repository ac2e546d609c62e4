#pragma once

#include <memory>
#include <string>

#include "cli/layered_options.h"
#include "portal/access.h"
#include "portal/http_server.h"
#include "store/etcd_store.h"

namespace godwit::cli {

// What masters and workers of a cluster have in common on their command lines.
struct MemberOptions {
  std::string name, etcd = "http://127.0.0.1:2379", lease = "10";
  store::EtcdTls etcd_tls;
  std::string etcd_user, etcd_password_file;
  portal::Exposure exposure;
  std::string tokens, secrets_dir;

  // `exposure.listen` has the default.
  void AddTo(LayeredOptions& options);

  base::StatusOr<store::EtcdOptions> Etcd() const;
  base::StatusOr<std::chrono::seconds> Lease() const;
  // With who may ask, by the file of tokens.
  base::StatusOr<portal::Exposure> Exposed() const;
  base::Status CheckName() const;
  // Where the passwords of sources and targets are read from here on; to be called once all of its
  // own secrets have been read.
  base::Status ConfineSecrets() const;
};

// Such a process tells who has asked it for what, unless the command line says how much it tells.
void TellMore(const CLI::App& app);

}  // namespace godwit::cli
