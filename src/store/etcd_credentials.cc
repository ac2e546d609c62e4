#include "store/etcd_credentials.h"

#include <fstream>
#include <sstream>

#include "base/text.h"

namespace godwit::store {
namespace {

// What gRPC makes nothing of it says only at the first connection, and then not of which file.
base::StatusOr<std::string> ReadPem(const std::string& path, std::string_view kind) {
  if (path.empty()) return std::string();
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) return base::InvalidArgument("etcd: cannot read {}", path);
  if (content.str().find(kind) == std::string::npos) {
    return base::InvalidArgument("etcd: {} is no file in PEM form with a {}", path, kind);
  }
  return content.str();
}

}  // namespace

base::StatusOr<EtcdEndpoint> ParseEtcdEndpoint(std::string_view url) {
  constexpr std::string_view kPlain = "http://", kSecure = "https://";
  std::string_view address = url;
  const bool is_secure = address.starts_with(kSecure);
  if (is_secure) {
    address.remove_prefix(kSecure.size());
  } else if (address.starts_with(kPlain)) {
    address.remove_prefix(kPlain.size());
  }
  if (address.ends_with('/')) address.remove_suffix(1);
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0 ||
      address.find('/') != std::string_view::npos ||
      !base::ParseInteger<uint16_t>(address.substr(colon + 1))) {
    return base::InvalidArgument(
        "etcd endpoint {}: has to be http://HOST:PORT or https://HOST:PORT", url);
  }
  return EtcdEndpoint{std::string(address), is_secure};
}

base::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeTlsCredentials(const EtcdTls& tls) {
  if (tls.cert.empty() != tls.key.empty()) {
    return base::InvalidArgument("etcd: certificate and key go together, {} is given alone",
                                 tls.cert.empty() ? tls.key : tls.cert);
  }
  grpc::SslCredentialsOptions options;
  GODWIT_ASSIGN_OR_RETURN(options.pem_root_certs, ReadPem(tls.ca, "CERTIFICATE"));
  GODWIT_ASSIGN_OR_RETURN(options.pem_cert_chain, ReadPem(tls.cert, "CERTIFICATE"));
  GODWIT_ASSIGN_OR_RETURN(options.pem_private_key, ReadPem(tls.key, "PRIVATE KEY"));
  return grpc::SslCredentials(options);
}

}  // namespace godwit::store
