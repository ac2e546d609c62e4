#include "connectors/postgres/log/server_move.h"

#include <absl/strings/str_split.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "connectors/postgres/position.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::LogNeed;
using connector::SettledServer;
using wire::postgres::LsnText;

constexpr std::string_view kWaysOut =
    "let the source's url lead to the earlier server again, or copy anew from this one with "
    "`godwit run --restart`";
constexpr int kHexadecimal = 16;

std::string Another(const ServerFacts& server, const LogNeed& need) {
  return fmt::format(
      "source: {} is another server ({}) than the one that the task has been reading ({})",
      server.address, server.identity.ToString(), need.server);
}

}  // namespace

std::string ServerIdentity::ToString() const {
  if (system.empty()) return std::string();
  return fmt::format("{}/{}/{}", system, timeline, database);
}

base::StatusOr<ServerIdentity> ServerIdentity::Parse(std::string_view text) {
  const std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(text.data(), text.size()), '/');
  const auto timeline = parts.size() == 3 ? base::ParseInteger<uint32_t>(parts[1]) : std::nullopt;
  if (!timeline) return base::DataLoss("'{}' names no PostgreSQL server", text);
  return ServerIdentity{parts[0], *timeline, parts[2]};
}

base::StatusOr<ServerIdentity> ReadServerIdentity(Connection& connection) {
  const auto rows = connection.Query(
      "SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()), CASE WHEN "
      "pg_catalog.pg_is_in_recovery() THEN '0' ELSE pg_catalog.left(pg_catalog.pg_walfile_name("
      "pg_catalog.pg_current_wal_insert_lsn()), 8) END, (SELECT oid FROM pg_catalog.pg_database "
      "WHERE datname = pg_catalog.current_database())");
  // Where the server's owner has taken the right from everybody.
  if (!rows.ok() && connection.last_state() == "42501") return ServerIdentity{};
  GODWIT_RETURN_IF_ERROR(rows.status());
  const ResultRow& row = rows->at(0);
  const std::string timeline = row[1].value_or("0");
  return ServerIdentity{row[0].value_or(""),
                        static_cast<uint32_t>(std::stoul(timeline, nullptr, kHexadecimal)),
                        row[2].value_or("")};
}

std::vector<TimelineEnd> ParseHistory(std::string_view text) {
  std::vector<TimelineEnd> ends;
  const std::vector<std::string> lines =
      absl::StrSplit(absl::string_view(text.data(), text.size()), '\n');
  for (const std::string& line : lines) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    if (fields.size() < 2) continue;
    const auto timeline = base::ParseInteger<uint32_t>(fields[0]);
    const auto end = wire::postgres::ParseLsn(fields[1]);
    if (timeline && end) ends.push_back({*timeline, *end});
  }
  return ends;
}

base::StatusOr<ServerFacts> ReadServerFacts(Connection& connection, const config::Endpoint& host,
                                            const LogNeed& need, const std::string& slot) {
  ServerFacts facts{.address = host.Address()};
  GODWIT_ASSIGN_OR_RETURN(facts.identity, ReadServerIdentity(connection));
  facts.is_standby = facts.identity.timeline == 0 && !facts.identity.system.empty();
  const auto before = ServerIdentity::Parse(need.server);
  if (facts.is_standby || !before.ok() || facts.identity.system != before->system ||
      facts.identity.timeline == before->timeline) {
    return facts;
  }
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> slots,
      connection.Query("SELECT 1 FROM pg_catalog.pg_replication_slots WHERE slot_name = " +
                       QuoteText(slot)));
  facts.has_slot = !slots.empty();
  if (facts.identity.timeline == 1) return facts;  // it descends from none
  GODWIT_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> walsender,
                          Connection::OpenHost(host, "source", Connection::Use::kReplication));
  GODWIT_ASSIGN_OR_RETURN(
      const ResultRow history,
      walsender->QueryRow(fmt::format("TIMELINE_HISTORY {}", facts.identity.timeline)));
  facts.history = ParseHistory(history.at(1).value_or(""));
  return facts;
}

base::StatusOr<SettledServer> GoOnAt(const ServerFacts& server, const LogNeed& need,
                                     std::string_view slot) {
  const std::string identity = server.identity.ToString();
  SettledServer settled{identity, server.address, false, need.from};
  if (need.from.empty() || need.server.empty() || identity.empty() || need.server == identity)
    return settled;
  GODWIT_ASSIGN_OR_RETURN(const ServerIdentity before, ServerIdentity::Parse(need.server));
  GODWIT_ASSIGN_OR_RETURN(const LogPosition place, LogPosition::Parse(need.from));
  if (before.system != server.identity.system) {
    return base::FailedPrecondition(
        "{}, and no copy of it: it was made by another initdb. Nothing was applied from it: {}",
        Another(server, need), kWaysOut);
  }
  if (before.database != server.identity.database) {
    return base::FailedPrecondition(
        "{}: the database was dropped and made anew, or is another one by the same name. Nothing "
        "was applied from it: {}",
        Another(server, need), kWaysOut);
  }
  settled.moved = true;
  if (!need.needs_log) return settled;
  if (!server.has_slot) {
    return base::FailedPrecondition(
        "{}: a standby of it that was promoted, without the replication slot {}, which has held "
        "the log for the task. Nobody knows what of it is missing by now: {}. From PostgreSQL 17 "
        "on a standby can keep the slot in step",
        Another(server, need), slot, kWaysOut);
  }
  const auto end = std::ranges::find(server.history, before.timeline, &TimelineEnd::timeline);
  if (end == server.history.end()) {
    return base::FailedPrecondition(
        "{}, on timeline {}, which does not come from timeline {}. Nothing was applied from it: {}",
        Another(server, need), server.identity.timeline, before.timeline, kWaysOut);
  }
  if (end->end < place.lsn) {
    return base::FailedPrecondition(
        "{}, and left the earlier one's log at {}, before where the target stands ({}): what lies "
        "between is on the target, and was lost with the earlier server. Nothing was applied from "
        "this one: {}",
        Another(server, need), LsnText(end->end), LsnText(place.lsn), kWaysOut);
  }
  return settled;
}

}  // namespace godwit::connectors::postgres
