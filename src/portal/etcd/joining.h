#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "portal/etcd/progress_line.h"
#include "portal/etcd/sight.h"

namespace godwit::portal {

// How an etcd without data begins: `--initial-cluster` and `--initial-cluster-state`.
struct EtcdBeginning {
  std::string members;
  bool is_new_cluster = true;
};
// One that makes a new cluster, of the peers.
EtcdBeginning NewCluster(const ManagedEtcdOptions& options);

// Finds out how, for a member without data, by looking at the others:
// - It makes a new cluster only with all others, once each of them says that it has none either.
// One
//   that has lost its data must not vote as if it had never had any.
// - Where one runs it joins that one's cluster. If that has it in its books as one that may have
// been
//   at work, its data are lost: it is taken out, and joins as a new member.
// While it waits it listens where its etcd will, and tells the others that it does.
class Joining {
 public:
  // `options` outlives it.
  explicit Joining(const ManagedEtcdOptions& options) : options_(options) {}

  // kCancelled: it has been asked to stop. kFailedPrecondition: the operator is needed.
  base::StatusOr<EtcdBeginning> Wait(const std::stop_token& stop);

 private:
  // Nothing, of all of these: not yet.
  using Found = base::StatusOr<std::optional<EtcdBeginning>>;
  Found Look(const std::string& nonce);
  Found Join(const std::vector<store::EtcdMember>& members, const std::string& nonce);
  // Has its cluster's members replace the lost one, if there is one, by us.
  Found Enter(const std::vector<store::EtcdMember>& members, const store::EtcdMember* lost);

  const ManagedEtcdOptions& options_;
  ProgressLine progress_, loss_;
};

}  // namespace godwit::portal
