#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "certificates.h"
#include "places.h"
#include "store/etcd_store.h"

namespace godwit::store {

// A cluster of etcd on loopback, with data of its own, that ends with the test.
class EtcdServer {
 public:
  struct Options {
    size_t members = 1;
    std::vector<std::string> flags;              // besides those that each needs
    const Certificates* certificates = nullptr;  // takes https too, and asks for a client's
  };
  explicit EtcdServer(size_t members = 1) : EtcdServer(Options{members, {}}) {}
  explicit EtcdServer(Options options);
  ~EtcdServer();
  EtcdServer(const EtcdServer&) = delete;
  EtcdServer& operator=(const EtcdServer&) = delete;

  // By http, and by https.
  std::vector<std::string> endpoints() const;
  std::vector<std::string> secure_endpoints(const std::string& host = "127.0.0.1") const;
  void Start(size_t member);
  void Kill(size_t member);
  void Freeze(size_t member) const;
  void Thaw(size_t member) const;
  // Forgets what was before the revision.
  void Compact(Revision revision) const;
  // From here on it lets in users alone: `godwit`, password `hush`, who may read and write what
  // begins with /test/.
  void MakeUser();

 private:
  struct Member {
    uint16_t port = 0, peer_port = 0, secure_port = 0;
    pid_t pid = -1;
  };
  // Asks the first member through its HTTP gateway; all of the answer.
  std::string Post(std::string_view path, std::string_view body, std::string_view token = "") const;

  const Options options_;
  Folder folder_;
  std::vector<Member> members_;
  bool has_users_ = false;
};

// In a cluster that the tests of the process share, as a user with a certificate, below a root of
// its own.
std::unique_ptr<Place> MakeEtcdPlace();

}  // namespace godwit::store
