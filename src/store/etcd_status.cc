#include "store/etcd_status.h"

#include <string_view>

#include "store/tls_probe.h"

namespace godwit::store {
namespace {

using Result = TlsProbe::Result;

bool Says(const grpc::Status& answer, std::string_view words) {
  return answer.error_message().find(words) != std::string::npos;
}

// What to do about a refusal, after the text of it.
std::string_view Advice(const grpc::Status& answer) {
  if (Says(answer, "invalid user ID or password")) {
    return "; the user or the password that Godwit is given for etcd is wrong (--etcd-user, "
           "--etcd-password-file)";
  }
  if (Says(answer, "user name is empty")) {
    return "; etcd asks for a user and a password (--etcd-user, --etcd-password-file)";
  }
  if (Says(answer, "permission denied")) {
    return "; the user needs the right to read and write all keys of Godwit: etcdctl role "
           "grant-permission ROLE readwrite --prefix=true /godwit/v1/";
  }
  if (Says(answer, "space exceeded")) {
    return "; etcd takes no writes until its history is compacted, its database defragmented and "
           "its alarm disarmed (etcdctl), or it is given more room (--quota-backend-bytes)";
  }
  return "";
}

}  // namespace

base::Status ToStatus(const grpc::Status& answer, const std::string& address) {
  const std::string_view advice = Advice(answer);
  const std::string text =
      fmt::format("etcd at {}: {} (code {}){}", address, answer.error_message(),
                  static_cast<int>(answer.error_code()), advice);
  if (!advice.empty()) return base::FailedPrecondition("{}", text);
  switch (answer.error_code()) {
    case grpc::OK:
      return base::OkStatus();
    case grpc::NOT_FOUND:
      return base::NotFound("{}", text);
    case grpc::INVALID_ARGUMENT:
      return base::InvalidArgument("{}", text);
    case grpc::OUT_OF_RANGE:
      return base::MakeStatus(base::StatusCode::kOutOfRange, "{}", text);
    case grpc::DATA_LOSS:
      return base::DataLoss("{}", text);
    case grpc::FAILED_PRECONDITION:
    case grpc::PERMISSION_DENIED:
    case grpc::UNAUTHENTICATED:
    case grpc::UNIMPLEMENTED:
      return base::FailedPrecondition("{}", text);
    default:  // away, late, stopping, overloaded: nothing is known of what was asked
      return base::Unavailable("{}", text);
  }
}

bool IsTokenRefused(const grpc::Status& answer) {
  return answer.error_code() == grpc::UNAUTHENTICATED || Says(answer, "user name is empty") ||
         Says(answer, "revision of auth store is old");
}

grpc::Status WatchRefused(const std::string& reason) {
  const grpc::Status refused(grpc::UNAUTHENTICATED, "the watch was refused: " + reason);
  if (Says(refused, "permission denied") || Says(refused, "auth") || Says(refused, "user name")) {
    return refused;
  }
  return {grpc::UNAVAILABLE, refused.error_message()};
}

bool IsWithoutUsers(const grpc::Status& answer) {
  return Says(answer, "authentication is not enabled");
}

base::Status WhyNotConnected(const grpc::Status& answer, const EtcdEndpoint& endpoint,
                             const EtcdTls& tls) {
  const std::string& address = endpoint.address;
  std::string why = answer.error_message();
  constexpr std::string_view kLast = "last error: ";
  if (const size_t last = why.find(kLast); last != std::string::npos) {
    why.erase(0, last + kLast.size());
  }
  const bool is_reached = answer.error_code() != grpc::DEADLINE_EXCEEDED &&
                          !Says(answer, "refused") && !Says(answer, "timed out");
  const TlsProbe probe = is_reached ? ProbeTls(address, tls) : TlsProbe();
  if (!endpoint.is_secure) {
    if (probe.result == Result::kUnknown || probe.result == Result::kNoTls) {
      return base::Unavailable("{}: {}", address, why);
    }
    return base::FailedPrecondition("{}: takes encrypted connections alone: write https://{}",
                                    address, address);
  }
  switch (probe.result) {
    case Result::kNoTls:
      return base::FailedPrecondition(
          "{}: takes no encrypted connections: write http://{}, or give etcd a certificate "
          "(--cert-file, --key-file)",
          address, address);
    case Result::kUntrusted:
      return base::FailedPrecondition(
          "{}: its certificate is not trusted: {}; it has to be of the host that the endpoint "
          "names, and signed by {}",
          address, probe.why,
          tls.ca.empty() ? "an authority of this machine's: name the certificates of another by "
                           "--etcd-ca"
                         : tls.ca);
    case Result::kRefused:
      return base::FailedPrecondition(
          "{}: does not take {}: {}; it wants a certificate (--etcd-cert, --etcd-key) that is "
          "signed "
          "by what etcd has as --trusted-ca-file",
          address, tls.cert.empty() ? "us without a certificate" : tls.cert, probe.why);
    case Result::kConnected:
    case Result::kUnknown:
      break;
  }
  return base::Unavailable("{}: {}", address, why);
}

}  // namespace godwit::store
