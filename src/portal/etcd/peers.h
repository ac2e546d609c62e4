#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"

namespace godwit::portal {

// A machine with a master and a member of etcd beside it.
struct EtcdPeer {
  std::string name;             // the master's and the member's
  std::string host;             // a name or an address, IPv6 without brackets
  uint16_t port = 2380;         // for the other members
  uint16_t client_port = 2379;  // for masters and workers
  bool operator==(const EtcdPeer&) const = default;
};

// Of "NAME=HOST[:PORT[:CLIENT PORT]],...", an IPv6 address in brackets. kInvalidArgument: it is
// not, or names or addresses stand there twice.
base::StatusOr<std::vector<EtcdPeer>> ParseEtcdPeers(const std::string& text);
// That form of them, in full and in the order of their names.
std::string EtcdPeersText(std::vector<EtcdPeer> peers);

// Where others reach a peer's member of etcd, by https if it is secure.
std::string PeerUrl(const EtcdPeer& peer, bool is_secure);
std::string ClientUrl(const EtcdPeer& peer, bool is_secure);

// Which address it listens at, IPv6 in brackets: the peer's own, or all if the peer has a name, as
// that may lead elsewhere on the machine itself.
std::string ListenHost(const EtcdPeer& peer);

}  // namespace godwit::portal
