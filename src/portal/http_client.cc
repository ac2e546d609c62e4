#include "portal/http_client.h"

#include <httplib.h>

#include "base/without_sigpipe.h"

namespace godwit::portal {
namespace {

std::string Target(const HttpRequest& request) {
  std::string target = request.path;
  char next = '?';
  for (const auto& [name, value] : request.query) {
    target += fmt::format("{}{}={}", next, EncodePercent(name), EncodePercent(value));
    next = '&';
  }
  return target;
}

base::Status Failure(const std::string& base, httplib::Error error, const CallOptions& options) {
  using Seconds = std::chrono::duration<double>;
  switch (error) {
    case httplib::Error::SSLLoadingCerts:
      return base::InvalidArgument("the certificates to trust cannot be read from {}",
                                   options.tls.ca);
    case httplib::Error::SSLServerVerification:
      return base::FailedPrecondition(
          "{} has no certificate that is signed by who is trusted and made out to this name", base);
    case httplib::Error::SSLConnection:
      return base::Unavailable("{} does not speak TLS, or not with us", base);
    case httplib::Error::Connection:
    case httplib::Error::BindIPAddress:
      return base::Unavailable("{} cannot be connected to", base);
    case httplib::Error::ConnectionTimeout:
      return base::Unavailable("{} does not answer within {} s", base,
                               Seconds(options.connect).count());
    default:
      return base::MakeStatus(base::StatusCode::kUnknown,
                              "{} has ended the connection without an answer, or gave none within "
                              "{} s",
                              base, Seconds(options.answer).count());
  }
}

}  // namespace

base::StatusOr<HttpResponse> Call(const std::string& base, const HttpRequest& request,
                                  const CallOptions& options,
                                  const std::map<std::string, std::string>& more) {
  const godwit::base::WithoutSigpipe without_sigpipe;
  httplib::Client client(base, options.tls.cert, options.tls.key);
  if (!client.is_valid()) {
    return base::InvalidArgument(
        "{} cannot be asked: it is no http://HOST:PORT or https://HOST:PORT, or our certificate "
        "and its key are no files that belong together",
        base);
  }
  if (!options.tls.ca.empty()) client.set_ca_cert_path(options.tls.ca);
  client.set_url_encode(false);  // it is
  client.set_connection_timeout(options.connect);
  client.set_read_timeout(options.answer);
  client.set_write_timeout(options.answer);
  client.set_tcp_nodelay(true);
  httplib::Request asked;
  asked.method = request.method;
  asked.path = Target(request);
  asked.body = request.body;
  for (const char* name : {"authorization", "content-type"}) {
    if (const std::string value = request.Header(name); !value.empty()) {
      asked.set_header(name, value);
    }
  }
  for (const auto& [name, value] : more) asked.set_header(name, value);
  const httplib::Result answer = client.send(asked);
  if (!answer) return Failure(base, answer.error(), options);
  HttpResponse response{.status = answer->status,
                        .type = answer->get_header_value("Content-Type"),
                        .body = answer->body};
  for (const char* name : {"Retry-After", "WWW-Authenticate"}) {
    if (answer->has_header(name)) response.headers[name] = answer->get_header_value(name);
  }
  return response;
}

}  // namespace godwit::portal
