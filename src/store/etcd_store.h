#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/store.h"

namespace godwit::store {

class EtcdMembers;

struct EtcdOptions {
  // http://HOST:PORT of members of one cluster. Any of them serves as well as another: when one
  // does not, the next is asked.
  std::vector<std::string> endpoints;
  std::string root = "/godwit/v1/";         // what all keys are below of
  std::chrono::milliseconds timeout{3000};  // of a call; then it ends with kUnavailable
};

// A store in an etcd cluster, over its v3 API. Leases end by etcd's clock, which makes one of under
// two seconds longer, and all of them when another of its members has come to lead.
class EtcdStore : public Store {
 public:
  // kInvalidArgument: an endpoint is none. Connects when it is first asked.
  static base::StatusOr<std::unique_ptr<EtcdStore>> Open(EtcdOptions options);
  ~EtcdStore() override;

  base::StatusOr<Snapshot> Range(std::string_view prefix) override;
  base::StatusOr<std::optional<Entry>> Get(std::string_view key) override;
  // kInvalidArgument also where it has more than 1.5 MiB, unless etcd is told another limit.
  base::StatusOr<Revision> Commit(const Transaction& transaction) override;
  base::StatusOr<std::unique_ptr<Watch>> WatchFrom(std::string_view prefix,
                                                   Revision after) override;
  base::StatusOr<LeaseId> Grant(std::chrono::seconds ttl) override;
  base::Status KeepAlive(LeaseId lease) override;
  base::Status Revoke(LeaseId lease) override;

 private:
  EtcdStore(std::string root, std::unique_ptr<EtcdMembers> members);

  const std::string root_;
  const std::unique_ptr<EtcdMembers> members_;
};

}  // namespace godwit::store
