#include "portal/etcd/peers.h"

#include <absl/strings/str_split.h>
#include <arpa/inet.h>

#include <algorithm>
#include <set>

#include "base/text.h"

namespace godwit::portal {
namespace {

bool IsIpv6(const std::string& host) { return host.find(':') != std::string::npos; }

std::string InUrl(const std::string& host) {
  return IsIpv6(host) ? fmt::format("[{}]", host) : host;
}

bool IsAddress(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

base::Status NoPeer(std::string_view text) {
  return base::InvalidArgument(
      "--peers: \"{}\" is none: write NAME=HOST, or NAME=HOST:PORT:CLIENT-PORT for other ports "
      "than 2380 and 2379, with commas between the machines, and IPv6 addresses in brackets",
      text);
}

base::StatusOr<uint16_t> ParsePort(std::string_view text, std::string_view peer) {
  const std::optional<uint16_t> port = base::ParseInteger<uint16_t>(text);
  if (!port || *port == 0) return NoPeer(peer);
  return *port;
}

base::StatusOr<EtcdPeer> ParsePeer(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return NoPeer(text);
  EtcdPeer peer{.name = text.substr(0, equals)};
  std::string place = text.substr(equals + 1);
  if (place.starts_with('[')) {
    const size_t end = place.find(']');
    if (end == std::string::npos) return NoPeer(text);
    peer.host = place.substr(1, end - 1);
    place.erase(0, end + 1);
    if (!IsIpv6(peer.host) || !IsAddress(peer.host)) return NoPeer(text);
  } else {
    peer.host = place.substr(0, place.find(':'));
    place.erase(0, peer.host.size());
  }
  if (peer.host.empty() || peer.host.find_first_of("/@?# ") != std::string::npos) {
    return NoPeer(text);
  }
  const std::vector<std::string> ports = absl::StrSplit(place, ':');
  if (!ports[0].empty() || ports.size() > 3) return NoPeer(text);
  if (ports.size() > 1) {
    GODWIT_ASSIGN_OR_RETURN(peer.port, ParsePort(ports[1], text));
  }
  if (ports.size() > 2) {
    GODWIT_ASSIGN_OR_RETURN(peer.client_port, ParsePort(ports[2], text));
  }
  return peer;
}

std::string Url(const EtcdPeer& peer, uint16_t port, bool is_secure) {
  return fmt::format("{}://{}:{}", is_secure ? "https" : "http", InUrl(peer.host), port);
}

}  // namespace

base::StatusOr<std::vector<EtcdPeer>> ParseEtcdPeers(const std::string& text) {
  std::vector<EtcdPeer> peers;
  std::set<std::string> names;
  std::set<std::pair<std::string, uint16_t>> places;
  for (const std::string& one : std::vector<std::string>(absl::StrSplit(text, ','))) {
    GODWIT_ASSIGN_OR_RETURN(EtcdPeer peer, ParsePeer(one));
    if (!names.insert(peer.name).second) {
      return base::InvalidArgument("--peers has the name {} twice", peer.name);
    }
    for (const uint16_t port : {peer.port, peer.client_port}) {
      if (!places.emplace(peer.host, port).second) {
        return base::InvalidArgument(
            "--peers has {}:{} twice: each member of etcd needs two ports of its own",
            InUrl(peer.host), port);
      }
    }
    peers.push_back(std::move(peer));
  }
  return peers;
}

std::string EtcdPeersText(std::vector<EtcdPeer> peers) {
  std::ranges::sort(peers, {}, &EtcdPeer::name);
  std::vector<std::string> texts;
  for (const EtcdPeer& peer : peers) {
    texts.push_back(
        fmt::format("{}={}:{}:{}", peer.name, InUrl(peer.host), peer.port, peer.client_port));
  }
  return fmt::format("{}", fmt::join(texts, ","));
}

std::string PeerUrl(const EtcdPeer& peer, bool is_secure) {
  return Url(peer, peer.port, is_secure);
}

std::string ClientUrl(const EtcdPeer& peer, bool is_secure) {
  return Url(peer, peer.client_port, is_secure);
}

std::string ListenHost(const EtcdPeer& peer) {
  if (peer.host == "localhost") return "127.0.0.1";
  return IsAddress(peer.host) ? InUrl(peer.host) : "0.0.0.0";
}

}  // namespace godwit::portal
