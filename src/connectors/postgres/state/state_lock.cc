#include "connectors/postgres/state/state_lock.h"

#include "base/text.h"
#include "connector/client_process.h"
#include "connectors/postgres/connection/bound_statement.h"
#include "connectors/postgres/sql_text.h"
#include "connectors/postgres/state/state_tables.h"

namespace godwit::connectors::postgres {
namespace {

using connector::ClientProcess;

// Who holds the lock with the parts $1 and $2 of its number.
constexpr std::string_view kLockHolders =
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid "
    "= $1::oid AND objid = $2::oid AND database = (SELECT oid FROM pg_database WHERE datname = "
    "current_database())";

constexpr std::string_view kHolderColumns = "host, machine, pid, started";
ClientProcess ProcessOf(const ResultRow& row) {
  return {row[0].value_or(""), row[1].value_or(""),
          base::ParseInteger<int64_t>(row[2].value_or("")).value_or(0),
          base::ParseInteger<uint64_t>(row[3].value_or("")).value_or(0)};
}

// Why the lock was not to be had.
base::Status Held(Connection& connection, const std::string& schema, const std::string& task) {
  const auto number = static_cast<uint64_t>(LockNumber(schema, task));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> sessions,
                          QueryBound(connection, kLockHolders, number >> 32, number & 0xffffffff));
  if (sessions.empty() || !sessions[0][0]) {
    return base::Unavailable("{}: the task's lock was still held a moment ago", connection.side());
  }
  const std::string session = *sessions[0][0];
  // Where the holder has only just begun with the schema, there is no table to look into.
  auto holders = QueryBound(connection,
                            fmt::format("SELECT {} FROM {} WHERE task = $1 AND connection_id = "
                                        "$2::integer",
                                        kHolderColumns, StateTable(schema, "task_holder")),
                            task, session);
  std::string who = "session " + session;
  if (holders.ok() && !holders->empty()) {
    const ClientProcess process = ProcessOf(holders->front());
    who += fmt::format(" of process {} on {}", process.pid, process.host);
    if (process == connector::ThisProcess() || !connector::MayLive(process)) {
      // Without the right, the target ends it when it next has something to tell it.
      ExecuteBound(connection, "SELECT pg_terminate_backend($1::integer)", session).IgnoreError();
      return base::Unavailable(
          "{}: {}, which an earlier run of task {} has left, still holds the task's lock; waiting "
          "for the target to end it",
          connection.side(), who, task);
    }
  }
  return base::FailedPrecondition(
      "task {}: it is running already (its lock on the target is held by {}); `godwit status` "
      "shows where it stands. If that process is known to be gone, `SELECT "
      "pg_terminate_backend({})` on the target lets go of the lock",
      task, who, session);
}

}  // namespace

// FNV-1a; a zero byte, which is in no name, keeps schema and task apart.
int64_t LockNumber(std::string_view schema, std::string_view task) {
  uint64_t hash = 14695981039346656037u;
  for (std::string_view part : {std::string_view("godwit"), schema, task}) {
    for (char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    hash *= 1099511628211u;
  }
  return static_cast<int64_t>(hash);
}

std::string MarkOf(std::string_view schema, std::string_view task) {
  return fmt::format("godwit {:016x}", static_cast<uint64_t>(LockNumber(schema, task)));
}

base::Status TryTaskLock(Connection& connection, const std::string& schema,
                         const std::string& task) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      QueryBound(connection, "SELECT pg_try_advisory_lock($1::bigint)", LockNumber(schema, task)));
  return rows[0][0] == "t" ? base::OkStatus()
                           : base::Aborted("target: the task's lock is held by another session");
}

base::Status TakeTaskLock(Connection& connection, const std::string& schema,
                          const std::string& task) {
  base::Status taken = TryTaskLock(connection, schema, task);
  return absl::IsAborted(taken) ? Held(connection, schema, task) : taken;
}

base::Status WriteHolder(Connection& connection, const std::string& schema,
                         const std::string& task) {
  const ClientProcess process = connector::ThisProcess();
  return ExecuteBound(connection,
                      fmt::format("INSERT INTO {} (task, connection_id, host, machine, pid, "
                                  "started) VALUES ($1, pg_backend_pid(), $2, $3, $4, $5) ON "
                                  "CONFLICT (task) DO UPDATE SET connection_id = "
                                  "excluded.connection_id, host = excluded.host, machine = "
                                  "excluded.machine, pid = excluded.pid, started = "
                                  "excluded.started",
                                  StateTable(schema, "task_holder")),
                      task, process.host, process.machine, process.pid, process.started)
      .status();
}

base::StatusOr<bool> HolderIsThisProcess(Connection& connection, const std::string& schema,
                                         const std::string& task) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> holders,
                          QueryBound(connection,
                                     fmt::format("SELECT {} FROM {} WHERE task = $1",
                                                 kHolderColumns, StateTable(schema, "task_holder")),
                                     task));
  return !holders.empty() && ProcessOf(holders[0]) == connector::ThisProcess();
}

base::Status MarkSession(Connection& connection, const std::string& schema,
                         const std::string& task) {
  return connection
      .Execute(fmt::format("SET application_name = {}", QuoteText(MarkOf(schema, task))))
      .status();
}

base::StatusOr<connector::OtherConnections> EndOtherSessions(Connection& connection,
                                                             const std::string& schema,
                                                             const std::string& task) {
  const auto lock = static_cast<uint64_t>(LockNumber(schema, task));
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> sessions,
      QueryBound(connection,
                 fmt::format("SELECT pid FROM ({} UNION SELECT pid FROM pg_stat_activity WHERE "
                             "datname = current_database() AND application_name = $3::text) AS "
                             "ours WHERE pid <> pg_backend_pid()",
                             kLockHolders),
                 lock >> 32, lock & 0xffffffff, MarkOf(schema, task)));
  connector::OtherConnections others;
  for (const ResultRow& session : sessions) {
    const std::string& pid = others.ids.emplace_back(session[0].value_or(""));
    const base::Status told =
        QueryBound(connection, "SELECT pg_terminate_backend($1::integer)", pid).status();
    if (absl::IsUnavailable(told)) return told;
    if (!told.ok()) others.refused = std::string(told.message());
  }
  return others;
}

}  // namespace godwit::connectors::postgres
