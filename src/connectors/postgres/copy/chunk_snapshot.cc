#include "connectors/postgres/copy/chunk_snapshot.h"

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

}  // namespace godwit::connectors::postgres
