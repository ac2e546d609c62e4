#pragma once

#include <string>

#include "places.h"
#include "store/etcd_store.h"

namespace godwit::store {

// An authority's certificate, and those that it has signed, as files.
class Certificates {
 public:
  Certificates();

  // What etcd shows, of 127.0.0.1 alone; `ca`: who signs those of its clients.
  const EtcdTls& server() const { return server_; }
  // What is shown to it; `ca`: who has signed that of the server.
  const EtcdTls& client() const { return client_; }

 private:
  // One of `name`, with its key; signed by `signer`, or by itself.
  EtcdTls Make(const std::string& name, const std::string& signer = "") const;

  Folder folder_;
  EtcdTls server_, client_;
};

}  // namespace godwit::store
