#include "connectors/mysql/log/server_move.h"

#include <absl/strings/str_split.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "connectors/mysql/log/log_position.h"
#include "wire/mysql/gtid.h"
#include "wire/mysql/mysql_gtid.h"

namespace godwit::connectors::mysql {
namespace {

using connector::LogNeed;
using connector::SettledServer;
using wire::mysql::MariadbGtid;
using wire::mysql::MariadbGtidSet;
using wire::mysql::MysqlGtidSet;

constexpr std::string_view kWaysOut =
    "let the source's url lead to the earlier server again, or copy anew from this one with "
    "`godwit run --restart`";

std::string Shortened(const std::string& text) {
  return text.substr(0, 200) + (text.size() > 200 ? "..." : "");
}

// "source: db2:3306 is another server than the task has read up to now (b; it was a)"
std::string Another(const ServerFacts& server, const LogNeed& need) {
  return fmt::format(
      "source: {} is another server ({}) than the one that the task has been reading ({})",
      server.address, server.identity, need.server);
}

base::Status NothingInCommon(const ServerFacts& server, const LogNeed& need) {
  return base::FailedPrecondition(
      "{}, and has no transaction in common with where the task stands: it is not a replica of "
      "that one, or not by GTIDs. Nothing was applied from it: {}",
      Another(server, need), kWaysOut);
}

base::Status MayComeYet(const ServerFacts& server, const LogNeed& need,
                        const std::string& missing) {
  return base::Unavailable(
      "{}, and has not executed all that the target has: {} is missing. It is waited for, as a "
      "replica may be behind; where that is not so, these transactions were lost with the earlier "
      "server: {}",
      Another(server, need), Shortened(missing), kWaysOut);
}

base::Status MeetMysql(const ServerFacts& server, const LogNeed& need, const std::string& gtids) {
  GODWIT_ASSIGN_OR_RETURN(const MysqlGtidSet mine, MysqlGtidSet::Parse(gtids));
  GODWIT_ASSIGN_OR_RETURN(const MysqlGtidSet executed, MysqlGtidSet::Parse(server.executed));
  MysqlGtidSet missing = mine;
  missing.Subtract(executed);
  if (missing == mine) return NothingInCommon(server, need);
  if (!missing.empty()) return MayComeYet(server, need, missing.ToString());
  if (!need.needs_log) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(MysqlGtidSet purged, MysqlGtidSet::Parse(server.purged));
  purged.Subtract(mine);
  if (purged.empty()) return base::OkStatus();
  return base::FailedPrecondition(
      "{}, and has purged from its log what the task lacks: {}. Nothing was applied from it: {}",
      Another(server, need), Shortened(purged.ToString()), kWaysOut);
}

base::StatusOr<std::vector<MariadbGtid>> ParseEach(const std::string& text) {
  std::vector<MariadbGtid> gtids;
  const std::vector<std::string> parts = absl::StrSplit(text, ',', absl::SkipWhitespace());
  for (const std::string& part : parts) {
    GODWIT_ASSIGN_OR_RETURN(gtids.emplace_back(), MariadbGtid::Parse(part));
  }
  return gtids;
}

// Numbers grow within a domain; who has one of a server's has all of that server's before it.
base::Status MeetMariadb(const ServerFacts& server, const LogNeed& need, const std::string& gtids) {
  GODWIT_ASSIGN_OR_RETURN(const MariadbGtidSet mine, MariadbGtidSet::Parse(gtids));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<MariadbGtid> logged, ParseEach(server.logged));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<MariadbGtid> replicated, ParseEach(server.replicated));
  for (const MariadbGtid& last : mine.gtids()) {
    uint64_t of_server = 0, of_domain = 0;
    const auto look = [&](const MariadbGtid& one) {
      if (one.domain != last.domain) return;
      of_domain = std::max(of_domain, one.seq);
      if (one.server == last.server) of_server = std::max(of_server, one.seq);
    };
    std::ranges::for_each(logged, look);
    if (of_domain == 0) {
      // Its log was begun anew just there, or it is a copy that was made then.
      if (std::ranges::find(replicated, last) != replicated.end()) continue;
    }
    if (of_server >= last.seq) continue;
    if (of_server == 0) return NothingInCommon(server, need);
    if (of_domain < last.seq) return MayComeYet(server, need, last.ToString());
    return base::FailedPrecondition(
        "{}, and has gone on without {}, which is on the target: that was lost with the earlier "
        "server. Nothing was applied from this one: {}",
        Another(server, need), last.ToString(), kWaysOut);
  }
  return base::OkStatus();
}

}  // namespace

base::StatusOr<std::string> ServerIdentity(Connection& connection) {
  return connection.QueryValue(
      connection.is_mysql()
          ? "SELECT @@GLOBAL.server_uuid"
          : "SELECT CONCAT('mariadb-', @@GLOBAL.gtid_domain_id, '-', @@GLOBAL.server_id)");
}

base::StatusOr<ServerFacts> ReadServerFacts(Connection& connection, std::string address) {
  ServerFacts facts{.is_mysql = connection.is_mysql(), .address = std::move(address)};
  GODWIT_ASSIGN_OR_RETURN(facts.identity, ServerIdentity(connection));
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> off,
      connection.Query("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin', "
                       "'log_slave_updates', 'log_replica_updates') AND Value = 'OFF'"));
  facts.logs_what_it_replicates = off.empty();
  if (!facts.is_mysql) {
    GODWIT_ASSIGN_OR_RETURN(
        const ResultRow row,
        connection.QueryRow("SELECT @@GLOBAL.gtid_binlog_state, @@GLOBAL.gtid_slave_pos"));
    facts.logged = row[0].value_or("");
    facts.replicated = row[1].value_or("");
    return facts;
  }
  GODWIT_ASSIGN_OR_RETURN(
      const ResultRow row,
      connection.QueryRow(
          "SELECT @@GLOBAL.gtid_mode, @@GLOBAL.gtid_executed, @@GLOBAL.gtid_purged"));
  if (row[0] != "ON") return facts;
  facts.executed = row[1].value_or("");
  facts.purged = row[2].value_or("");
  return facts;
}

base::StatusOr<SettledServer> GoOnAt(const ServerFacts& server, const LogNeed& need) {
  SettledServer settled{server.identity, server.address, false, need.from};
  if (need.from.empty() || need.server.empty() || need.server == server.identity) return settled;
  GODWIT_ASSIGN_OR_RETURN(LogPosition place, LogPosition::Parse(need.from));
  if (place.gtids.empty()) {
    return base::FailedPrecondition(
        "{}. The task has no GTIDs, and {}:{} is no place on another server. Nothing was applied "
        "from it: {}{}",
        Another(server, need), place.file, place.offset, kWaysOut,
        server.is_mysql ? "; with gtid_mode=ON when it begins a task can go on at a replica" : "");
  }
  if (!server.logs_what_it_replicates) {
    return base::FailedPrecondition(
        "{}, whose log is not the earlier one's: log_bin or log_replica_updates "
        "(log_slave_updates) "
        "is OFF there. Nothing was applied from it: set both on it before it becomes the source; "
        "now {}",
        Another(server, need), kWaysOut);
  }
  if (need.needs_log && !place.prepared.empty()) {
    return base::FailedPrecondition(
        "{}, and XA transactions are prepared whose changes only the earlier one's files have. "
        "Nothing was applied from it: {}",
        Another(server, need), kWaysOut);
  }
  GODWIT_RETURN_IF_ERROR(server.is_mysql ? MeetMysql(server, need, place.gtids)
                                         : MeetMariadb(server, need, place.gtids));
  settled.moved = true;
  settled.places_hold = false;
  settled.from = LogPosition{"", 0, place.gtids, {}, place.shadows}.ToPosition();
  return settled;
}

base::StatusOr<std::vector<MariadbGtid>> PlacesInLog(const ServerFacts& server,
                                                     const std::string& gtids) {
  GODWIT_ASSIGN_OR_RETURN(const MariadbGtidSet mine, MariadbGtidSet::Parse(gtids));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<MariadbGtid> logged, ParseEach(server.logged));
  std::vector<MariadbGtid> places = mine.gtids();
  std::erase_if(places, [&](const MariadbGtid& place) {
    return std::ranges::find(logged, place.domain, &MariadbGtid::domain) == logged.end();
  });
  return places;
}

base::Status OutOfOrder(const ServerFacts& server, const LogNeed& need, const Disorder& disorder) {
  return base::FailedPrecondition(
      "{}, and was written to before it had applied all of the earlier server's transactions (were "
      "it by ANALYZE TABLE): its log has {} before {}, and the target, which is to go on after {} "
      "there, would never get the first of these. Nothing was applied from it: {}",
      Another(server, need), disorder.first.ToString(), disorder.late.ToString(),
      disorder.place.ToString(), kWaysOut);
}

}  // namespace godwit::connectors::mysql
