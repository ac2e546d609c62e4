#include "connectors/postgres/connection/log_in.h"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connectors/postgres/connection/errors.h"

namespace godwit::connectors::postgres {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience(10);
// Debian's, where libpq before 16 has no way to ask for the system's.
constexpr const char* kSystemCertificates = "/etc/ssl/certs/ca-certificates.crt";

using Settings = std::vector<std::pair<const char*, std::string>>;

std::string SslMode(config::TlsMode mode) {
  switch (mode) {
    case config::TlsMode::kDisabled:
      return "disable";
    case config::TlsMode::kPreferred:
      return "prefer";
    case config::TlsMode::kRequired:
      return "require";
    case config::TlsMode::kVerifyCa:
      return "verify-ca";
    case config::TlsMode::kVerifyFull:
      return "verify-full";
  }
  return "verify-full";
}

// All that libpq would else take from the environment and from files of the user's is said.
base::StatusOr<Settings> SettingsFor(const config::Endpoint& endpoint, bool replication) {
  GODWIT_ASSIGN_OR_RETURN(std::string password, endpoint.password.Resolve());
  Settings settings = {{"user", endpoint.user},           {"dbname", endpoint.database},
                       {"password", std::move(password)}, {"passfile", "/dev/null/none"},
                       {"application_name", "godwit"},    {"client_encoding", "UTF8"},
                       {"gssencmode", "disable"},         {"sslmode", SslMode(endpoint.tls.mode)},
                       {"sslcert", endpoint.tls.cert},    {"sslkey", endpoint.tls.key},
                       {"keepalives_idle", "60"},         {"options", ""},
                       {"target_session_attrs", "any"}};
  if (!endpoint.tls.ca.empty())
    settings.emplace_back("sslrootcert", endpoint.tls.ca);
  else if (endpoint.tls.mode == config::TlsMode::kVerifyFull)
    settings.emplace_back("sslrootcert", kSystemCertificates);
  if (replication) settings.emplace_back("replication", "database");
  if (endpoint.host.empty()) {
    // libpq wants the folder and the port that its name is made of.
    const size_t slash = endpoint.socket.rfind('/');
    const size_t dot = endpoint.socket.rfind(".s.PGSQL.");
    if (dot == std::string::npos || dot != slash + 1) {
      return base::InvalidArgument(
          "{}: a socket of PostgreSQL is called .s.PGSQL.PORT, as in "
          "?socket=/var/run/postgresql/.s.PGSQL.5432",
          endpoint.ToString());
    }
    settings.emplace_back("host", endpoint.socket.substr(0, slash));
    settings.emplace_back("port", endpoint.socket.substr(dot + 9));
  } else {
    settings.emplace_back("host", endpoint.host);
    settings.emplace_back("port", std::to_string(endpoint.port));
  }
  return settings;
}

// "FATAL:  28P01: password authentication failed ...": as libpq tells it where it is asked to be
// verbose; empty: the server was not reached.
std::string StateIn(std::string_view message) {
  constexpr std::string_view kMark = ":  ";
  for (size_t at = message.find(kMark); at != std::string_view::npos;
       at = message.find(kMark, at + 1)) {
    const std::string_view state = message.substr(at + kMark.size(), 5);
    const std::string_view rest = message.substr(at + kMark.size() + state.size());
    const bool is_state =
        state.size() == 5 && rest.starts_with(": ") &&
        state.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
    if (is_state) return std::string(state);
  }
  return "";
}

bool WaitFor(int socket, short events, steady_clock::time_point deadline) {
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    pollfd descriptor{socket, events, 0};
    const int ready = ::poll(&descriptor, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

}  // namespace

base::StatusOr<pg_conn*> LogIn(const config::Endpoint& endpoint, std::string_view side,
                               bool replication) {
  GODWIT_ASSIGN_OR_RETURN(const Settings settings, SettingsFor(endpoint, replication));
  std::vector<const char*> names, values;
  for (const auto& [name, value] : settings) {
    names.push_back(name);
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  std::unique_ptr<PGconn, void (*)(PGconn*)> handle(
      PQconnectStartParams(names.data(), values.data(), 0), &PQfinish);
  const std::string doing = fmt::format("{}: {}", side, endpoint.ToString());
  if (handle == nullptr) return base::ResourceExhausted("{}: no memory", doing);
  PQsetErrorVerbosity(handle.get(), PQERRORS_VERBOSE);
  const auto deadline = steady_clock::now() + kPatience;
  auto step =
      PQstatus(handle.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (step != PGRES_POLLING_OK && step != PGRES_POLLING_FAILED) {
    const bool reads = step == PGRES_POLLING_READING;
    if (!WaitFor(PQsocket(handle.get()), reads ? POLLIN : POLLOUT, deadline))
      return base::Unavailable("{}: no answer within {} s", doing, kPatience.count());
    step = PQconnectPoll(handle.get());
  }
  if (step == PGRES_POLLING_OK) return handle.release();
  std::string message = PQerrorMessage(handle.get());
  const std::string state = StateIn(message);
  // Asked for with the state: where in the server's own source it was raised.
  if (const size_t location = message.find("\nLOCATION: "); location != std::string::npos)
    message.resize(location);
  // It stands at the end of every error.
  if (const size_t stated = message.find(state + ": ");
      !state.empty() && stated != std::string::npos)
    message.erase(stated, state.size() + 2);
  const bool certificate = state.empty() && (message.find("certificate") != std::string::npos ||
                                             message.find("SSL") != std::string::npos);
  if (certificate) return base::FailedPrecondition("{}: {}", doing, message);
  return StatusOfState(state, message, doing);
}

}  // namespace godwit::connectors::postgres
