#include "connectors/mysql/connection/tls.h"

#include <mysql.h>

// The library's header of what lies under a connection speaks of these without saying what they
// are.
#define HAVE_TLS 1
using uchar = unsigned char;
#include <ma_pvio.h>
#include <unistd.h>

namespace godwit::connectors::mysql {
namespace {

using config::TlsMode;

base::Status Readable(const std::string& path, std::string_view key) {
  if (path.empty() || ::access(path.c_str(), R_OK) == 0) return base::OkStatus();
  return base::FailedPrecondition("{}: cannot read {}: {}", key, path, std::strerror(errno));
}

}  // namespace

base::Status AskForTls(st_mysql* handle, const config::Endpoint& endpoint) {
  const config::TlsOptions& tls = endpoint.tls;
  const bool over_socket = !endpoint.socket.empty();  // nobody can listen in there
  if (tls.mode == TlsMode::kDisabled || (tls.mode == TlsMode::kPreferred && over_socket))
    return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(Readable(tls.ca, "ssl.ca"));
  GODWIT_RETURN_IF_ERROR(Readable(tls.cert, "ssl.cert"));
  GODWIT_RETURN_IF_ERROR(Readable(tls.key, "ssl.key"));
  const my_bool yes = 1;
  mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &yes);
  // With a `ca` the library refuses other signers; the host it compares only when told to.
  if (!tls.ca.empty()) mysql_options(handle, MYSQL_OPT_SSL_CA, tls.ca.c_str());
  if (!tls.cert.empty()) mysql_options(handle, MYSQL_OPT_SSL_CERT, tls.cert.c_str());
  if (!tls.key.empty()) mysql_options(handle, MYSQL_OPT_SSL_KEY, tls.key.c_str());
  if (tls.mode == TlsMode::kVerifyFull)
    mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
  return base::OkStatus();
}

base::Status ExpectTls(st_mysql* handle, const config::Endpoint& endpoint) {
  if (endpoint.tls.mode <= TlsMode::kPreferred || TlsSession(handle) != nullptr)
    return base::OkStatus();
  return NoTls(endpoint);
}

base::Status NoTls(const config::Endpoint& endpoint) {
  if (endpoint.tls.mode == TlsMode::kPreferred) {
    return base::FailedPrecondition(
        "{}: the server offers no encryption, and the user's plugin there asks for the password "
        "itself; give the server a certificate (ssl_cert, ssl_key), or set ssl.mode to disabled, "
        "with which the password is shown",
        endpoint.ToString());
  }
  return base::FailedPrecondition(
      "{}: the server offers no encryption, and ssl.mode is {}; give the server a certificate "
      "(ssl_cert, ssl_key), or set ssl.mode to preferred or disabled",
      endpoint.ToString(), config::TlsModeName(endpoint.tls.mode));
}

ssl_st* TlsSession(st_mysql* handle) {
  const MARIADB_PVIO* below = handle->net.pvio;
  if (below == nullptr || below->ctls == nullptr) return nullptr;
  return static_cast<ssl_st*>(below->ctls->ssl);
}

}  // namespace godwit::connectors::mysql
