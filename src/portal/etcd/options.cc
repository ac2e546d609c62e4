#include "portal/etcd/options.h"

#include <algorithm>

#include "portal/http_server.h"

namespace godwit::portal {

const EtcdPeer& ManagedEtcdOptions::Self() const {
  return *std::ranges::find(peers, name, &EtcdPeer::name);
}

std::vector<EtcdPeer> ManagedEtcdOptions::Others() const {
  std::vector<EtcdPeer> others;
  for (const EtcdPeer& peer : peers) {
    if (peer.name != name) others.push_back(peer);
  }
  return others;
}

base::Status CheckManagedEtcd(const ManagedEtcdOptions& options) {
  if (std::ranges::find(options.peers, options.name, &EtcdPeer::name) == options.peers.end()) {
    return base::InvalidArgument(
        "--peers has no {}: it names all masters with their machines, this one too, each as its "
        "--name says",
        options.name);
  }
  const store::EtcdTls& tls = options.tls;
  const bool has_any = !tls.cert.empty() || !tls.key.empty() || !tls.ca.empty();
  const bool has_all = !tls.cert.empty() && !tls.key.empty() && !tls.ca.empty();
  if (has_any && !has_all) {
    return base::InvalidArgument(
        "--managed-etcd with TLS needs all of --etcd-cert, --etcd-key and --etcd-ca: members prove "
        "themselves to each other and to those who ask them, and these to them");
  }
  if (!has_all && !options.is_insecure && !IsLoopback(options.Self().host)) {
    return base::FailedPrecondition(
        "without TLS etcd listens on loopback only, and {} of --peers is not: give it a "
        "certificate (--etcd-cert, --etcd-key, --etcd-ca), or say --insecure if the network is "
        "yours alone",
        options.Self().host);
  }
  return base::OkStatus();
}

store::EtcdOptions EndpointsOf(const ManagedEtcdOptions& options) {
  store::EtcdOptions endpoints{
      .tls = options.tls, .user = options.user, .password = options.password};
  endpoints.endpoints.push_back(ClientUrl(options.Self(), options.IsSecure()));
  for (const EtcdPeer& peer : options.Others()) {
    endpoints.endpoints.push_back(ClientUrl(peer, options.IsSecure()));
  }
  return endpoints;
}

}  // namespace godwit::portal
