#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <string_view>

#include "store/etcd_store.h"

namespace godwit::store {

// What is connected to, and whether by TLS.
struct EtcdEndpoint {
  std::string address;  // HOST:PORT
  bool is_secure = false;
};

// Of http://HOST:PORT, or HOST:PORT alone, and https://HOST:PORT. kInvalidArgument otherwise.
base::StatusOr<EtcdEndpoint> ParseEtcdEndpoint(std::string_view url);

// Those of https. kInvalidArgument: a file cannot be read, or is not what it should be.
base::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeTlsCredentials(const EtcdTls& tls);

}  // namespace godwit::store
