#include "connectors/postgres/state/state_lock.h"

#include "base/text.h"
#include "connector/client_process.h"
#include "connectors/postgres/connection/bound_statement.h"
#include "connectors/postgres/state/state_tables.h"

namespace godwit::connectors::postgres {
namespace {

using connector::ClientProcess;

// Why the lock was not to be had.
base::Status Held(Connection& connection, const std::string& schema, const std::string& task,
                  int64_t lock) {
  const auto number = static_cast<uint64_t>(lock);
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> sessions,
      QueryBound(connection,
                 "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = "
                 "1 AND classid = $1::oid AND objid = $2::oid AND database = (SELECT oid FROM "
                 "pg_database WHERE datname = current_database())",
                 number >> 32, number & 0xffffffff));
  if (sessions.empty() || !sessions[0][0]) {
    return base::Unavailable("{}: the task's lock was still held a moment ago", connection.side());
  }
  const std::string session = *sessions[0][0];
  // Where the holder has only just begun with the schema, there is no table to look into.
  auto holders = QueryBound(connection,
                            fmt::format("SELECT host, machine, pid, started FROM {} WHERE task = "
                                        "$1 AND connection_id = $2::integer",
                                        StateTable(schema, "task_holder")),
                            task, session);
  std::string who = "session " + session;
  if (holders.ok() && !holders->empty()) {
    const ResultRow& row = holders->front();
    const ClientProcess process{row[0].value_or(""), row[1].value_or(""),
                                base::ParseInteger<int64_t>(row[2].value_or("")).value_or(0),
                                base::ParseInteger<uint64_t>(row[3].value_or("")).value_or(0)};
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

base::Status TakeTaskLock(Connection& connection, const std::string& schema,
                          const std::string& task) {
  const int64_t lock = LockNumber(schema, task);
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                          QueryBound(connection, "SELECT pg_try_advisory_lock($1::bigint)", lock));
  return rows[0][0] == "t" ? base::OkStatus() : Held(connection, schema, task, lock);
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

}  // namespace godwit::connectors::postgres
