#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "config/secret.h"

namespace godwit::config {

// How far a connection is encrypted, and who the server has to prove to be.
enum class TlsMode : uint8_t {
  kDisabled,    // never encrypted
  kPreferred,   // encrypted where the server offers it; never through a Unix socket
  kRequired,    // encrypted, or no connection
  kVerifyCa,    // and the server's certificate is signed by `ca`
  kVerifyFull,  // and it is of the host in the url
};
// As the task file writes it: "disabled", "preferred", "required", "verify-ca", "verify-full".
std::string_view TlsModeName(TlsMode mode);

// Files are in PEM; empty: none.
struct TlsOptions {
  TlsMode mode = TlsMode::kPreferred;
  std::string ca;         // certificates that sign servers; kVerifyFull without: the system's
  std::string cert, key;  // what we prove ourselves with, where the server asks for it
  bool operator==(const TlsOptions&) const = default;
};

struct Host {
  std::string name;  // or an address, IPv6 without brackets
  uint16_t port = 0;
  bool operator==(const Host&) const = default;
};

// A server and who we are to it; of a source there may be several hosts, one of which is read.
struct Endpoint {
  // "mysql" or "mariadb": the same connector, which detects the flavour; or "postgres".
  std::string scheme;
  std::string user;
  std::string host;          // a name or an address, IPv6 without brackets; empty: `socket` is used
  uint16_t port = 0;         // of `host`; the scheme's own when the url has none (3306, 5432)
  std::vector<Host> others;  // besides `host`, in the order in which they are tried after it
  std::string socket;        // path of a Unix socket; empty: `host` is used
  std::string database;      // of PostgreSQL, whose connections are to one database; else empty
  // Of PostgreSQL, as the task has it (tables.partitions): each leaf of a partitioned table is a
  // table, and what it is a leaf of is none.
  bool by_leaf = false;
  Secret password;
  TlsOptions tls;
  // Of a run, not of a file: once this is asked for, its connections to the server are broken, and
  // no more are made.
  std::stop_token give_up;

  // "mysql://user@host:3306", "mysql://user@one:3306,two:3306", "mysql://user@?socket=/path" or
  // "postgres://user@host:5432/database": for messages.
  std::string ToString() const;
  // "host:3306", or the path of the socket; all hosts, with commas between.
  std::string Address() const;
  // One for each host, in order.
  std::vector<Endpoint> Each() const;
  bool operator==(const Endpoint&) const = default;
};

// Reads scheme://user@host[:port][,host[:port]...] or scheme://user@?socket=/path, for PostgreSQL
// with /database before the ? or at the end; user, database and socket may be percent-encoded.
// kInvalidArgument otherwise, with a message that repeats no part of the url that could hold a
// password. A password in the url is such an error.
absl::StatusOr<Endpoint> ParseEndpointUrl(std::string_view url);

}  // namespace godwit::config
