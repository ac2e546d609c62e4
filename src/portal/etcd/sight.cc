#include "portal/etcd/sight.h"

#include <nlohmann/json.hpp>

#include "portal/etcd/json_text.h"
#include "portal/http_client.h"

namespace godwit::portal {
namespace {

constexpr std::chrono::milliseconds kConnect(1000), kAnswer(2000);

std::vector<std::string> Texts(const nlohmann::json& object, const char* key) {
  std::vector<std::string> texts;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return texts;
  for (const nlohmann::json& one : *found) {
    if (one.is_string()) texts.push_back(one.get<std::string>());
  }
  return texts;
}

// etcdserver/api/etcdhttp/peer.go: an array of membership.Member.
std::vector<store::EtcdMember> MembersOf(const nlohmann::json& list) {
  std::vector<store::EtcdMember> members;
  for (const nlohmann::json& one : list) {
    if (!one.is_object()) continue;
    const auto id = one.find("id");
    const bool has_id = id != one.end() && id->is_number_unsigned();
    members.push_back({has_id ? id->get<uint64_t>() : 0, TextIn(one, "name"),
                       Texts(one, "peerURLs"), Texts(one, "clientURLs")});
  }
  return members;
}

}  // namespace

std::string WaitingAnswer(const ManagedEtcdOptions& options, const std::string& nonce) {
  return nlohmann::json{
      {"waits", options.name}, {"peers", EtcdPeersText(options.peers)}, {"nonce", nonce}}
      .dump();
}

Sight LookAt(const EtcdPeer& peer, const ManagedEtcdOptions& options) {
  const auto answer =
      Call(PeerUrl(peer, options.IsSecure()), {.method = "GET", .path = kMembersPath},
           {.tls = options.Http(), .connect = kConnect, .answer = kAnswer});
  if (!answer.ok()) return {.problem = std::string(answer.status().message())};
  const nlohmann::json json = nlohmann::json::parse(answer->body, nullptr, false);
  if (answer->status == 200 && json.is_array()) {
    return {.kind = Sight::Kind::kRuns, .members = MembersOf(json)};
  }
  if (!json.is_object() || !json.contains("waits")) {
    return {.problem = fmt::format("{} answers as no etcd and no master does",
                                   PeerUrl(peer, options.IsSecure()))};
  }
  const std::string peers = TextIn(json, "peers");
  if (TextIn(json, "waits") != peer.name || peers != EtcdPeersText(options.peers)) {
    return {.problem = fmt::format("it is the master {} and was started with other --peers: {}",
                                   TextIn(json, "waits"), peers)};
  }
  return {.kind = Sight::Kind::kWaits, .nonce = TextIn(json, "nonce")};
}

}  // namespace godwit::portal
