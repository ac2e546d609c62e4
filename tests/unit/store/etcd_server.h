#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "places.h"
#include "store/etcd_store.h"

namespace godwit::store {

// A cluster of etcd on loopback, with data of its own, that ends with the test.
class EtcdServer {
 public:
  explicit EtcdServer(size_t members = 1);
  ~EtcdServer();
  EtcdServer(const EtcdServer&) = delete;
  EtcdServer& operator=(const EtcdServer&) = delete;

  std::vector<std::string> endpoints() const;
  void Start(size_t member);
  void Kill(size_t member);
  void Freeze(size_t member) const;
  void Thaw(size_t member) const;
  // Forgets what was before the revision.
  void Compact(Revision revision) const;

 private:
  struct Member {
    uint16_t port = 0, peer_port = 0;
    pid_t pid = -1;
  };
  Folder folder_;
  std::vector<Member> members_;
};

// In a cluster that the tests of the process share, below a root of its own.
std::unique_ptr<Place> MakeEtcdPlace();

}  // namespace godwit::store
