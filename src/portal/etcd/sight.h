#pragma once

#include <string>
#include <vector>

#include "portal/etcd/options.h"
#include "store/etcd_operator.h"

namespace godwit::portal {

// What is found where a peer's member of etcd is to be.
struct Sight {
  enum class Kind : uint8_t {
    kNobody,  // nobody answers, or it is nobody who belongs there: `problem` says more
    kWaits,   // a master whose etcd has no data, and so waits for the others
    kRuns,    // an etcd
  };
  Kind kind = Kind::kNobody;
  std::string problem;
  std::string nonce;                       // of what waits
  std::vector<store::EtcdMember> members;  // of what runs: all that it takes for its cluster's
};

// What a master answers that waits: with which peers, and what tells it from others.
std::string WaitingAnswer(const ManagedEtcdOptions& options, const std::string& nonce);

// Asks the peer, for three seconds at most.
Sight LookAt(const EtcdPeer& peer, const ManagedEtcdOptions& options);

// The path that is asked, which is etcd's own.
inline constexpr const char* kMembersPath = "/members";

}  // namespace godwit::portal
