#include "store/tls_probe.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "base/without_sigpipe.h"

namespace godwit::store {
namespace {

using Result = TlsProbe::Result;

constexpr timeval kAnswerTime{0, 500'000};

// A connected socket, or -1.
int Connect(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return -1;
  int connected = -1;
  for (const addrinfo* one = found; one != nullptr && connected < 0; one = one->ai_next) {
    const int file = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
    if (file < 0) continue;
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &kAnswerTime, sizeof kAnswerTime);
    setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &kAnswerTime, sizeof kAnswerTime);  // connect's too
    if (connect(file, one->ai_addr, one->ai_addrlen) == 0) {
      connected = file;
    } else {
      close(file);
    }
  }
  freeaddrinfo(found);
  return connected;
}

// What the last call has failed of.
TlsProbe Failure(SSL* tls) {
  const long verified = SSL_get_verify_result(tls);
  if (verified != X509_V_OK) return {Result::kUntrusted, X509_verify_cert_error_string(verified)};
  const unsigned long error = ERR_peek_error();
  if (error == 0 || ERR_GET_LIB(error) != ERR_LIB_SSL) return {};
  // Reasons from here on are the alerts that the other side has sent.
  if (ERR_GET_REASON(error) < SSL_AD_REASON_OFFSET) return {};
  const char* text = ERR_reason_error_string(error);
  return {Result::kRefused, text == nullptr ? "" : text};
}

// Whether what is there answers to HTTP/2 as it is (RFC 9113, section 3.4).
bool TakesPlainHttp2(const std::string& host, const std::string& port) {
  const int file = Connect(host, port);
  if (file < 0) return false;
  constexpr std::string_view kPreface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
  std::array<char, 9> frame;
  const bool is_answered =
      send(file, kPreface.data(), kPreface.size(), MSG_NOSIGNAL) == ssize_t{kPreface.size()} &&
      recv(file, frame.data(), frame.size(), MSG_WAITALL) == ssize_t{frame.size()};
  close(file);
  return is_answered && frame[3] == 4;  // its settings
}

void Expect(SSL* tls, const std::string& host) {
  in6_addr address;
  if (inet_pton(AF_INET, host.c_str(), &address) == 1 ||
      inet_pton(AF_INET6, host.c_str(), &address) == 1) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str());
  } else {
    SSL_set1_host(tls, host.c_str());
    SSL_set_tlsext_host_name(tls, host.c_str());
  }
}

}  // namespace

TlsProbe ProbeTls(const std::string& address, const EtcdTls& tls) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const std::string port = address.substr(colon + 1);
  const int file = Connect(host, port);
  if (file < 0) return {};
  const base::WithoutSigpipe without;
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  if (tls.ca.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else {
    SSL_CTX_load_verify_file(context.get(), tls.ca.c_str());
  }
  if (!tls.cert.empty()) {
    SSL_CTX_use_certificate_chain_file(context.get(), tls.cert.c_str());
    SSL_CTX_use_PrivateKey_file(context.get(), tls.key.c_str(), SSL_FILETYPE_PEM);
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const std::unique_ptr<SSL, decltype(&SSL_free)> connection(SSL_new(context.get()), SSL_free);
  SSL_set_fd(connection.get(), file);
  Expect(connection.get(), host);
  constexpr std::array<unsigned char, 3> kProtocols = {2, 'h', '2'};
  SSL_set_alpn_protos(connection.get(), kProtocols.data(), kProtocols.size());
  ERR_clear_error();
  TlsProbe probe{Result::kConnected, ""};
  if (SSL_connect(connection.get()) != 1) {
    probe = Failure(connection.get());
  } else {
    // By TLS 1.3 a server tells only then what it thinks of our certificate.
    char byte = 0;
    const int got = SSL_read(connection.get(), &byte, 1);
    if (got <= 0 && SSL_get_error(connection.get(), got) == SSL_ERROR_SSL) {
      probe = Failure(connection.get());
    }
  }
  ERR_clear_error();
  close(file);
  if (probe.result == Result::kUnknown && TakesPlainHttp2(host, port)) {
    probe.result = Result::kNoTls;
  }
  return probe;
}

}  // namespace godwit::store
