#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "store/etcd_store.h"

namespace godwit::store {

// A member of an etcd cluster, as the cluster has it in its books.
struct EtcdMember {
  uint64_t id = 0;
  std::string name;                      // empty: it was added and has not been started yet
  std::vector<std::string> peer_urls;    // where the other members reach it
  std::vector<std::string> client_urls;  // empty: it has never been at work
};

// What is done to an etcd cluster itself rather than to what it keeps. Errors are EtcdStore's;
// kUnavailable also where too few members are up, or have been for long enough. Thread-safe.
class EtcdOperator {
 public:
  // Connects when it is first asked.
  static base::StatusOr<std::unique_ptr<EtcdOperator>> Open(const EtcdOptions& options);
  ~EtcdOperator();

  base::StatusOr<std::vector<EtcdMember>> Members();
  // Gives all members, with the new one.
  base::StatusOr<std::vector<EtcdMember>> Add(const std::string& peer_url);
  // What it has is of no use any more, also if it comes back.
  base::Status Remove(uint64_t id);

  struct Alarms {
    bool is_full = false;     // this member has no room: none of the cluster takes writes
    bool is_corrupt = false;  // some member has other data than the rest
  };
  // As the member that is asked has it.
  base::StatusOr<Alarms> GetAlarms();
  // Drops the history of the cluster and what room that took at the member that is asked, which
  // does not answer meanwhile, and takes its alarm back. It is raised again if that was not enough.
  base::Status MakeRoom();

 private:
  explicit EtcdOperator(std::unique_ptr<EtcdMembers> members);

  const std::unique_ptr<EtcdMembers> members_;
};

}  // namespace godwit::store
