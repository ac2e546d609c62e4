#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "config/endpoint.h"
#include "connector/source.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/log/log_order.h"
#include "wire/mysql/gtid.h"

// A source's address may lead to another server than it did: a replica that was promoted, or one
// that has nothing to do with it. Who a server is, it says itself; whether its log goes on where
// the earlier one's was left, GTIDs alone can tell. Files and offsets mean nothing on another
// server.
namespace godwit::connectors::mysql {

// What a server says of itself and of the transactions in its log.
struct ServerFacts {
  bool is_mysql = false;
  std::string identity;  // ServerIdentity
  std::string address;   // for messages
  // MySQL's, with gtid_mode=ON; else empty: gtid_executed and gtid_purged.
  std::string executed, purged;
  // MariaDB's: gtid_binlog_state, the last transaction of each domain and server in its log, and
  // gtid_slave_pos, the last one of each domain that it has applied as a replica.
  std::string logged, replicated;
  bool logs_what_it_replicates = true;
};

// Who it is: MySQL's server_uuid, "mariadb-<gtid_domain_id>-<server_id>".
base::StatusOr<std::string> ServerIdentity(Connection& connection);
base::StatusOr<ServerFacts> ReadServerFacts(Connection& connection, std::string address);

// Where a task goes on at this server; the place as it is where the server is still the same, or
// not known to be another one. Errors as those of Source::Settle.
base::StatusOr<connector::SettledServer> GoOnAt(const ServerFacts& server,
                                                const connector::LogNeed& need);

// Of a MariaDB server at which GoOnAt lets a task go on: the target's last transactions that its
// log has, or had; the others are those that the log was begun at.
base::StatusOr<std::vector<wire::mysql::MariadbGtid>> PlacesInLog(const ServerFacts& server,
                                                                  const std::string& gtids);
// The refusal of a server in whose log this was found.
base::Status OutOfOrder(const ServerFacts& server, const connector::LogNeed& need,
                        const Disorder& disorder);

}  // namespace godwit::connectors::mysql
