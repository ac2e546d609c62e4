// The part of StateStore that is about who has the task: its lock, and the fence around it.
#include "base/text.h"
#include "connector/kept_state.h"
#include "connector/take_over.h"
#include "connectors/postgres/connection/bound_statement.h"
#include "connectors/postgres/sql_text.h"
#include "connectors/postgres/state/state_lock.h"
#include "connectors/postgres/state/state_store.h"
#include "connectors/postgres/state/state_tables.h"

namespace godwit::connectors::postgres {
namespace {

using connector::TaskState;

uint64_t Number(const std::optional<std::string>& text) {
  return base::ParseInteger<uint64_t>(text.value_or("")).value_or(0);
}

}  // namespace

base::StatusOr<std::unique_ptr<Connection>> StateStore::Open(
    const config::Endpoint& endpoint) const {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::Open(endpoint, "target"));
  GODWIT_RETURN_IF_ERROR(MarkSession(*connection, schema_, task_));
  if (epoch_ == 0) return connection;
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, Select(*connection, "epoch", "task"));
  if (rows.size() != 1 || Number(rows[0][0]) != epoch_) return Superseded();
  return connection;
}

// Waits for transactions of an earlier run that have asked for the epoch (HoldEpoch): what they
// commit is in the state that is then read. The first epoch is the time: so none comes twice, also
// where the task is removed and made anew. Nobody else raises it as long as this session has the
// task's lock.
base::Status StateStore::RaiseEpoch(Connection& connection, uint64_t generation) const {
  GODWIT_RETURN_IF_ERROR(MakeStateTables(connection, schema_));
  GODWIT_RETURN_IF_ERROR(WriteHolder(connection, schema_, task_));
  return ExecuteBound(
             connection,
             fmt::format("INSERT INTO {} AS t (task, epoch, generation) VALUES ($1, (extract(epoch "
                         "FROM clock_timestamp()) * 1000000)::bigint, $2) ON CONFLICT (task) DO "
                         "UPDATE SET epoch = t.epoch + 1, generation = GREATEST(t.generation, "
                         "excluded.generation)",
                         Name("task")),
             task_, generation)
      .status();
}

base::Status StateStore::RaiseEpochOfTables(Connection& connection, uint64_t generation) const {
  base::Status raised = RaiseEpoch(connection, generation);
  // The schema's last task may just have been removed, and the tables with it.
  return absl::IsNotFound(raised) ? RaiseEpoch(connection, generation) : raised;
}

base::Status StateStore::MayTakeOver(Connection& connection, uint64_t generation) const {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<unsigned> format,
                          ReadStateFormat(connection, schema_));
  if (!format || *format < kFormatWithGenerations) return base::OkStatus();
  const auto rows = Select(connection, "epoch, generation", "task");
  if (IsGone(connection, rows.status())) return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(rows.status());
  if (rows->empty()) return base::OkStatus();
  const uint64_t epoch = Number(rows->front()[0]), kept = Number(rows->front()[1]);
  if (kept > generation) return connector::LaterWorker(task_, kept, generation);
  if (epoch_ == 0 || epoch_ == epoch) return base::OkStatus();
  // Raised since this run had it: by another process, or by this one, with the answer lost.
  GODWIT_ASSIGN_OR_RETURN(const bool ours, HolderIsThisProcess(connection, schema_, task_));
  return ours ? base::OkStatus() : Superseded();
}

base::Status StateStore::TakeOver(Connection& connection, uint64_t generation) const {
  GODWIT_RETURN_IF_ERROR(MayTakeOver(connection, generation));
  const auto raise = [&]() -> base::Status {
    GODWIT_RETURN_IF_ERROR(TryTaskLock(connection, schema_, task_));
    GODWIT_RETURN_IF_ERROR(MayTakeOver(connection, generation));
    return RaiseEpochOfTables(connection, generation);
  };
  // A session that has come in between may be frozen over the epoch's row.
  GODWIT_RETURN_IF_ERROR(connection.Execute("SET lock_timeout = '1s'").status());
  GODWIT_RETURN_IF_ERROR(connector::TakeOver(
      task_, {[&] { return EndOtherSessions(connection, schema_, task_); }, raise}));
  return connection.Execute("SET lock_timeout = 0").status();
}

// Whether this generation is the later one cannot be read then. If it is not, the other one claims
// the task again, and this one is refused.
base::Status StateStore::MakeWay(Connection& connection, uint64_t generation) const {
  GODWIT_RETURN_IF_ERROR(connection.Execute("SET lock_timeout = '1s'").status());
  const base::Status may = ReadAllOfState(connection, generation);
  GODWIT_RETURN_IF_ERROR(connection.Execute("SET lock_timeout = 0").status());
  if (!absl::IsAborted(may)) return may;
  GODWIT_RETURN_IF_ERROR(MarkSession(connection, schema_, task_));
  GODWIT_RETURN_IF_ERROR(EndOtherSessions(connection, schema_, task_).status());
  return base::Aborted(
      "target: the tables of the state in schema {} are being changed by another run, and were for "
      "a second; what an earlier worker on task {} has left open has been told to end",
      schema_, task_);
}

base::Status StateStore::ReadAllOfState(Connection& connection, uint64_t generation) const {
  GODWIT_RETURN_IF_ERROR(MayTakeOver(connection, generation));
  GODWIT_ASSIGN_OR_RETURN(const std::optional<unsigned> format,
                          ReadStateFormat(connection, schema_));
  if (!format) return base::OkStatus();
  for (std::string_view table : TablesOfTasks()) {
    const base::Status read =
        connection.Query(fmt::format("SELECT 1 FROM {} LIMIT 0", Name(table))).status();
    if (IsGone(connection, read)) continue;  // of another format
    GODWIT_RETURN_IF_ERROR(read);
  }
  return base::OkStatus();
}

base::StatusOr<TaskState> StateStore::Claim(Connection& connection, uint64_t generation) {
  GODWIT_RETURN_IF_ERROR(MarkSession(connection, schema_, task_));
  if (generation == 0) {
    GODWIT_RETURN_IF_ERROR(TakeTaskLock(connection, schema_, task_));
    GODWIT_RETURN_IF_ERROR(RaiseEpochOfTables(connection, 0));
  } else {
    GODWIT_RETURN_IF_ERROR(TakeOver(connection, generation));
  }
  GODWIT_ASSIGN_OR_RETURN(std::optional<TaskState> state, Load(connection));
  if (!state)
    return base::Internal("task {}: its state has gone right after it was written", task_);
  epoch_ = state->epoch;
  return *std::move(state);
}

// Of a task that is not known there is nothing that an earlier run could write.
base::StatusOr<std::optional<TaskState>> StateStore::ClaimIfKnown(Connection& connection,
                                                                  uint64_t generation) {
  if (generation == 0) GODWIT_RETURN_IF_ERROR(TakeTaskLock(connection, schema_, task_));
  GODWIT_ASSIGN_OR_RETURN(const std::optional<TaskState> known, Load(connection));
  if (!known) return std::optional<TaskState>();
  GODWIT_ASSIGN_OR_RETURN(TaskState claimed, Claim(connection, generation));
  return std::optional<TaskState>(std::move(claimed));
}

base::Status StateStore::Reclaim(Connection& connection) const {
  GODWIT_RETURN_IF_ERROR(MarkSession(connection, schema_, task_));
  base::Status lock = TakeTaskLock(connection, schema_, task_);
  if (!lock.ok() && !absl::IsFailedPrecondition(lock)) return lock;
  // That another process has had the task, or has removed it, is final.
  const base::Status held = HoldEpoch(connection);
  if (!held.ok()) return absl::IsNotFound(held) ? Superseded() : held;
  if (lock.ok()) return WriteHolder(connection, schema_, task_);
  return base::Unavailable(
      "{}: it has not noticed yet that an earlier connection of this task is gone",
      connection.side());
}

}  // namespace godwit::connectors::postgres
