#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/store.h"

namespace godwit::store {

class EtcdMembers;

// Files in PEM; empty: none.
struct EtcdTls {
  std::string ca;         // certificates that sign etcd's; without: the system's
  std::string cert, key;  // what we prove ourselves with, where etcd asks for it
};

struct EtcdOptions {
  // http://HOST:PORT or https://HOST:PORT of members of one cluster. Any of them serves as well as
  // another: when one does not, the next is asked.
  std::vector<std::string> endpoints;
  std::string root = "/godwit/v1/";         // what all keys are below of
  std::chrono::milliseconds timeout{3000};  // of a call; then it ends with kUnavailable
  EtcdTls tls;                              // of https; etcd has to be of the endpoint's host
  std::string user, password;               // empty: none
  // How often a member that a watch waits for is asked whether it is there. etcd ends connections
  // that ask more often than every five seconds, unless it is told another limit.
  std::chrono::milliseconds ping{6000};
};

// A store in an etcd cluster, over its v3 API. Leases end by etcd's clock, which makes one of under
// two seconds longer, and all of them when another of its members has come to lead.
//
// kFailedPrecondition, from any call: etcd does not trust us or we do not trust it, the user or the
// password is wrong, or the user lacks a right; or etcd is full. The message says what to do.
class EtcdStore : public Store {
 public:
  // kInvalidArgument: an endpoint is none, a file cannot be read. Connects when it is first asked.
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
