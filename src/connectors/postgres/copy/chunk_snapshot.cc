#include "connectors/postgres/copy/chunk_snapshot.h"

#include <spdlog/spdlog.h>

namespace godwit::connectors::postgres {

using wire::postgres::Lsn;

// What is prepared asks the catalogue about one table, for which any plan will do.
base::Status BeginReading(Connection& connection) {
  return connection
      .Execute(
          "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off; SET LOCAL "
          "plan_cache_mode = force_generic_plan")
      .status();
}

// The address after the snapshot: what is seen had been written to the log by then.
base::StatusOr<LogPosition> TakeSnapshot(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(const std::string text,
                          connection.QueryValue("SELECT pg_catalog.txid_current_snapshot()"));
  std::optional<wire::postgres::Snapshot> snapshot = wire::postgres::ParseSnapshot(text);
  if (!snapshot) return base::Internal("{}: '{}' is no snapshot", connection.side(), text);
  GODWIT_ASSIGN_OR_RETURN(const Lsn end, ReadLogEnd(connection));
  return LogPosition{end, std::move(snapshot)};
}

base::StatusOr<Lsn> ReadLogEnd(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::string text,
      connection.QueryValue("SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN "
                            "pg_catalog.pg_last_wal_replay_lsn() ELSE "
                            "pg_catalog.pg_current_wal_insert_lsn() END"));
  const std::optional<Lsn> lsn = wire::postgres::ParseLsn(text);
  if (!lsn) return base::Internal("{}: '{}' is no place in the log", connection.side(), text);
  return WithoutPageHeader(*lsn);
}

// A commit of ours writes out all that is before it; it does not wait for standbys. Where it may
// not be made, the server gets to it by itself.
void WriteOutLog(Connection& connection, Lsn end) {
  const auto written =
      connection.QueryValue(fmt::format("SELECT pg_catalog.pg_is_in_recovery() OR "
                                        "pg_catalog.pg_current_wal_flush_lsn() >= '{}'",
                                        wire::postgres::LsnText(end)));
  if (!written.ok() || *written == "t") return;
  const base::Status status =
      connection
          .Execute(
              "BEGIN; SET LOCAL synchronous_commit = local; "
              "SELECT pg_catalog.pg_logical_emit_message(true, 'godwit', ''); COMMIT")
          .status();
  if (status.ok()) return;
  spdlog::debug("source: its log is not written out: {}", status.message());
  connection.Execute("ROLLBACK").status().IgnoreError();
}

}  // namespace godwit::connectors::postgres
