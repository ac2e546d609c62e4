#pragma once

#include <string>

#include "store/etcd_store.h"

namespace godwit::store {

// What comes of connecting by TLS, told more exactly than gRPC does.
struct TlsProbe {
  enum class Result : uint8_t {
    kUnknown,    // nobody is there, or slow, or it has ended the connection without a word
    kNoTls,      // it takes connections that are not encrypted
    kUntrusted,  // its certificate is not one of its host, signed by the authority
    kRefused,    // it does not take ours
    kConnected,
  };
  Result result = Result::kUnknown;
  std::string why;  // in OpenSSL's words
};

// Connects to HOST:PORT and holds it against its certificate, as gRPC does it. Waits for no answer
// longer than half a second, besides looking up the name.
TlsProbe ProbeTls(const std::string& address, const EtcdTls& tls);

}  // namespace godwit::store
