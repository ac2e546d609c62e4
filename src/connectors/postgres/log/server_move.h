#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connector/source.h"
#include "connectors/postgres/connection/connection.h"
#include "wire/postgres/lsn.h"

// A source's address may lead to another server than it did: a standby that was promoted, or one
// that has nothing to do with it. Addresses in the log mean the same on all servers that began as
// copies of one, up to where one of them was promoted and began a timeline of its own.
namespace godwit::connectors::postgres {

// Written "7301234567890123456/1/16384".
struct ServerIdentity {
  std::string system;     // pg_control_system().system_identifier; empty: the role may not see it
  uint32_t timeline = 0;  // 0: it is a standby
  std::string database;   // the number of the database

  std::string ToString() const;
  // kDataLoss: it is none.
  static base::StatusOr<ServerIdentity> Parse(std::string_view text);
};

base::StatusOr<ServerIdentity> ReadServerIdentity(Connection& connection);

// Where a timeline ended that the server's own descends from.
struct TimelineEnd {
  uint32_t timeline = 0;
  wire::postgres::Lsn end = 0;
};
// From a history file (TIMELINE_HISTORY).
std::vector<TimelineEnd> ParseHistory(std::string_view text);

struct ServerFacts {
  ServerIdentity identity;
  std::string address;               // for messages
  std::vector<TimelineEnd> history;  // where it is asked for
  bool has_slot = false;             // likewise
  bool is_standby = false;
};
// What is needed of these to say where a task goes on; `host` is where `connection` leads to.
// `slot`: the task's.
base::StatusOr<ServerFacts> ReadServerFacts(Connection& connection, const config::Endpoint& host,
                                            const connector::LogNeed& need,
                                            const std::string& slot);

// Where a task goes on at this server; `slot` is its own. Errors as those of Source::Settle.
base::StatusOr<connector::SettledServer> GoOnAt(const ServerFacts& server,
                                                const connector::LogNeed& need,
                                                std::string_view slot);

}  // namespace godwit::connectors::postgres
