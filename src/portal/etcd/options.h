#pragma once

#include <string>
#include <vector>

#include "portal/etcd/peers.h"
#include "portal/http.h"
#include "store/etcd_store.h"

namespace godwit::portal {

// An etcd that a master runs beside itself.
struct ManagedEtcdOptions {
  std::string name;             // of the master; one of the peers has it
  std::vector<EtcdPeer> peers;  // all masters that do so, this one included
  std::string data_dir;
  std::string binary = "etcd";  // its path, or what it is called in one of PATH's folders
  // Of etcd to its clients and to other members, and of what asks them; nobody is let in who has
  // none that `ca` has signed. All three, or none.
  store::EtcdTls tls;
  std::string user, password;  // of etcd's own; empty: none
  bool is_insecure = false;    // may listen for other machines without TLS

  bool IsSecure() const { return !tls.cert.empty(); }
  const EtcdPeer& Self() const;
  std::vector<EtcdPeer> Others() const;
  // To ask members over HTTP.
  HttpTls Http() const { return {.cert = tls.cert, .key = tls.key, .ca = tls.ca}; }
};

// kInvalidArgument, kFailedPrecondition: they do not go together.
base::Status CheckManagedEtcd(const ManagedEtcdOptions& options);

// How masters reach the members: first the one beside them.
store::EtcdOptions EndpointsOf(const ManagedEtcdOptions& options);

}  // namespace godwit::portal
