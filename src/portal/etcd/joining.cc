#include "portal/etcd/joining.h"

#include <algorithm>
#include <random>
#include <set>

#include "portal/etcd/pause.h"
#include "portal/http_server.h"

namespace godwit::portal {
namespace {

using Kind = Sight::Kind;
using store::EtcdMember;

constexpr std::chrono::milliseconds kBetweenLooks(200);

std::string MakeNonce() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

const EtcdMember* FindByUrl(const std::vector<EtcdMember>& members, const std::string& peer_url) {
  const auto found = std::ranges::find_if(members, [&](const EtcdMember& member) {
    return std::ranges::find(member.peer_urls, peer_url) != member.peer_urls.end();
  });
  return found == members.end() ? nullptr : &*found;
}

// All members, as etcd holds them against the cluster's own books: their urls count.
EtcdBeginning Joined(const ManagedEtcdOptions& options, const std::vector<EtcdMember>& members) {
  const std::string self = PeerUrl(options.Self(), options.IsSecure());
  std::vector<std::string> words;
  for (const EtcdMember& member : members) {
    std::string name = member.name.empty() ? fmt::format("{:x}", member.id) : member.name;
    for (const std::string& url : member.peer_urls) {
      words.push_back(fmt::format("{}={}", url == self ? options.name : name, url));
    }
  }
  return {fmt::format("{}", fmt::join(words, ",")), false};
}

bool ArePeers(const ManagedEtcdOptions& options, const std::vector<EtcdMember>& members) {
  std::set<std::string> urls, expected;
  for (const EtcdMember& member : members) {
    urls.insert(member.peer_urls.begin(), member.peer_urls.end());
  }
  for (const EtcdPeer& peer : options.peers) expected.insert(PeerUrl(peer, options.IsSecure()));
  return urls == expected;
}

}  // namespace

EtcdBeginning NewCluster(const ManagedEtcdOptions& options) {
  std::vector<std::string> words;
  for (const EtcdPeer& peer : options.peers) {
    words.push_back(fmt::format("{}={}", peer.name, PeerUrl(peer, options.IsSecure())));
  }
  return {fmt::format("{}", fmt::join(words, ",")), true};
}

base::StatusOr<EtcdBeginning> Joining::Wait(const std::stop_token& stop) {
  if (options_.peers.size() == 1) return NewCluster(options_);
  const std::string nonce = MakeNonce();
  const EtcdPeer& self = options_.Self();
  GODWIT_ASSIGN_OR_RETURN(
      const auto server,
      HttpServer::Start({.listen = fmt::format("{}:{}", ListenHost(self), self.port),
                         .tls = options_.Http(),
                         .threads = 4,
                         .is_logged = false},
                        [&](const HttpRequest& request) {
                          if (request.path != kMembersPath) return HttpResponse{.status = 404};
                          return HttpResponse{.body = WaitingAnswer(options_, nonce)};
                        }));
  while (!stop.stop_requested()) {
    GODWIT_ASSIGN_OR_RETURN(const auto beginning, Look(nonce));
    if (beginning) return *beginning;
    Pause(stop, kBetweenLooks);
  }
  return base::Cancelled("stopped");
}

Joining::Found Joining::Look(const std::string& nonce) {
  std::vector<std::string> missing;
  const std::vector<EtcdPeer> others = options_.Others();
  for (const EtcdPeer& peer : others) {
    Sight sight = LookAt(peer, options_);
    if (sight.kind == Kind::kRuns) {
      const EtcdMember* member = FindByUrl(sight.members, PeerUrl(peer, options_.IsSecure()));
      if (member != nullptr && member->name == peer.name) return Join(sight.members, nonce);
      sight = {.problem = fmt::format("an etcd runs there that is called {}",
                                      member == nullptr ? "by another address" : member->name)};
    }
    if (sight.kind == Kind::kNobody) {
      missing.push_back(fmt::format("{} ({})", peer.name, sight.problem));
    }
  }
  if (missing.empty()) return NewCluster(options_);
  progress_.Tell(
      fmt::format("etcd has no data here, and waits for {} of {} other members, as all have to be "
                  "there for the first start: {}",
                  missing.size(), others.size(), fmt::join(missing, "; ")));
  return std::nullopt;
}

Joining::Found Joining::Join(const std::vector<EtcdMember>& members, const std::string& nonce) {
  const EtcdPeer& self = options_.Self();
  const EtcdMember* own = FindByUrl(members, PeerUrl(self, options_.IsSecure()));
  if (own == nullptr) return Enter(members, nullptr);
  // One that has just been added may have been at work already: who was started again and has no
  // majority may not know. It is replaced too, which takes a majority.
  if (!own->client_urls.empty() || own->name.empty()) {
    // Another process may be what the others mean: then it must not be taken out.
    if (LookAt(self, options_).nonce != nonce) {
      progress_.Tell(fmt::format(
          "etcd waits: {} of --peers does not lead to this machine, or somebody else answers there",
          PeerUrl(self, options_.IsSecure())));
      return std::nullopt;
    }
    return Enter(members, own);
  }
  // Those that make the cluster are at it right now.
  if (ArePeers(options_, members)) return NewCluster(options_);
  return base::FailedPrecondition(
      "the other members of etcd were started with other --peers than these: {}; give all masters "
      "the same",
      EtcdPeersText(options_.peers));
}

Joining::Found Joining::Enter(const std::vector<EtcdMember>& members, const EtcdMember* lost) {
  store::EtcdOptions endpoints{
      .tls = options_.tls, .user = options_.user, .password = options_.password};
  for (const EtcdMember& member : members) {
    if (&member == lost) continue;
    endpoints.endpoints.insert(endpoints.endpoints.end(), member.client_urls.begin(),
                               member.client_urls.end());
  }
  if (endpoints.endpoints.empty()) return std::nullopt;
  GODWIT_ASSIGN_OR_RETURN(const auto cluster, store::EtcdOperator::Open(endpoints));
  const auto refused = [&](const base::Status& status) -> Found {
    progress_.Tell(fmt::format(
        "etcd has no data here, and the cluster that there is cannot take it in yet: {}",
        status.message()));
    return std::nullopt;
  };
  if (lost != nullptr) {
    loss_.Tell(
        fmt::format("etcd has lost its data here, and joins the cluster as a new member in place "
                    "of {:x}",
                    lost->id));
    const base::Status removed = cluster->Remove(lost->id);
    if (!removed.ok() && !absl::IsNotFound(removed)) return refused(removed);
  }
  const auto added = cluster->Add(PeerUrl(options_.Self(), options_.IsSecure()));
  if (!added.ok()) return refused(added.status());
  return Joined(options_, *added);
}

}  // namespace godwit::portal
