// The part of StateStore that is about who has the task: its lock, and the fence around it.
#include <mysqld_error.h>

#include <set>

#include "base/text.h"
#include "connector/client_process.h"
#include "connector/kept_state.h"
#include "connector/take_over.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/state/state_store.h"
#include "connectors/mysql/state/state_tables.h"

namespace godwit::connectors::mysql {
namespace {

using connector::ClientProcess;
using connector::TaskState;

// Of two runs, each with 64 lanes or more and as many connections that build keys.
constexpr uint64_t kMarks = 512;
constexpr uint64_t kMarksAtOnce = 16;

uint64_t Number(const std::optional<std::string>& text) {
  return base::ParseInteger<uint64_t>(text.value_or("")).value_or(0);
}

// The process that a row of kHolderColumns is of.
constexpr std::string_view kHolderColumns = "host, machine, pid, started";
ClientProcess ProcessOf(const ResultRow& row) {
  return {row[0].value_or(""), row[1].value_or(""), static_cast<int64_t>(Number(row[2])),
          Number(row[3])};
}

}  // namespace

base::StatusOr<std::unique_ptr<Connection>> StateStore::Open(const config::Endpoint& endpoint,
                                                             Connection::Text text) const {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::Open(endpoint, "target", text));
  GODWIT_RETURN_IF_ERROR(Mark(*connection));
  if (epoch_ == 0) return connection;
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, Select(*connection, "epoch", "task"));
  if (rows.size() != 1 || Number(rows[0][0]) != epoch_) return Superseded();
  return connection;
}

std::string StateStore::MarkLock(uint64_t number) const {
  return LockName(fmt::format("connection {}", number % kMarks));
}

// Names of sessions are not to be had without further rights, but who holds a lock is. One that is
// marked already gets the same lock once more.
base::Status StateStore::Mark(Connection& connection) const {
  for (uint64_t tried = 0; tried < kMarks; tried += kMarksAtOnce) {
    std::string locks = "0";
    for (uint64_t i = kMarksAtOnce; i-- > 0;) {
      locks = fmt::format("IF(GET_LOCK({}, 0) = 1, 1, {})",
                          MarkLock(connection.thread_id() + tried + i), locks);
    }
    GODWIT_ASSIGN_OR_RETURN(const std::string taken, connection.QueryValue("SELECT " + locks));
    if (taken == "1") return base::OkStatus();
  }
  return base::Unavailable(
      "target: {} connections of task {} are open there; waiting for their end", kMarks, task_);
}

base::StatusOr<connector::OtherConnections> StateStore::EndOthers(Connection& connection) const {
  std::string holders = fmt::format("IS_USED_LOCK({})", LockName("run"));
  for (uint64_t i = 0; i < kMarks; ++i) holders += fmt::format(", IS_USED_LOCK({})", MarkLock(i));
  GODWIT_ASSIGN_OR_RETURN(const ResultRow row, connection.QueryRow("SELECT " + holders));
  std::set<std::string> ids;
  for (const std::optional<std::string>& id : row) {
    if (id && Number(id) != connection.thread_id()) ids.insert(*id);
  }
  connector::OtherConnections others;
  for (const std::string& id : ids) {
    const base::Status told = connection.Execute("KILL CONNECTION " + id).status();
    if (absl::IsUnavailable(told)) return told;
    if (connection.last_error() == ER_NO_SUCH_THREAD) continue;  // until its locks have gone, too
    if (!told.ok()) others.refused = std::string(told.message());
  }
  others.ids.assign(ids.begin(), ids.end());
  return others;
}

base::Status StateStore::TakeLock(Connection& connection) const {
  GODWIT_ASSIGN_OR_RETURN(std::string locked, connection.QueryValue(fmt::format(
                                                  "SELECT GET_LOCK({}, 0)", LockName("run"))));
  return locked == "1" ? base::OkStatus() : Held(connection);
}

base::Status StateStore::Held(Connection& connection) const {
  GODWIT_ASSIGN_OR_RETURN(std::string id, connection.QueryValue(fmt::format(
                                              "SELECT IS_USED_LOCK({})", LockName("run"))));
  if (id.empty()) return base::Unavailable("target: the task's lock was still held a moment ago");
  const auto holders =
      Select(connection, kHolderColumns, "task_holder", " AND connection_id = " + id);
  std::string who = "connection " + id;
  if (holders.ok() && !holders->empty()) {
    const ClientProcess process = ProcessOf(holders->front());
    who += fmt::format(" of process {} on {}", process.pid, process.host);
    if (process == connector::ThisProcess() || !connector::MayLive(process)) {
      // Without the right, the target ends it when it next has something to tell it.
      connection.Execute("KILL CONNECTION " + id).status().IgnoreError();
      return base::Unavailable(
          "target: {}, which an earlier run of task {} has left, still holds the task's lock; "
          "waiting for the target to end it",
          who, task_);
    }
  }
  return base::FailedPrecondition(
      "task {}: it is running already (its lock on the target is held by {}); `godwit status` "
      "shows where it stands. If that process is known to be gone, `KILL {}` on the target lets go "
      "of the lock",
      task_, who, id);
}

base::Status StateStore::WriteHolder(Connection& connection) const {
  const ClientProcess process = connector::ThisProcess();
  return connection
      .Execute(fmt::format("REPLACE INTO {} VALUES ({}, {}, {}, {}, {}, {})", Name("task_holder"),
                           QuoteText(task_), connection.thread_id(), QuoteText(process.host),
                           QuoteText(process.machine), process.pid, process.started))
      .status();
}

// Nobody else raises the epoch as long as this connection has the task's lock.
base::Status StateStore::RaiseEpoch(Connection& connection, uint64_t generation) const {
  return HoldingTables(connection, [&]() -> base::Status {
    GODWIT_RETURN_IF_ERROR(MakeStateTables(connection, schema_));
    GODWIT_RETURN_IF_ERROR(WriteHolder(connection));
    // The first epoch is the time: so none comes twice, also where the task is removed and made
    // anew.
    base::Status raised =
        connection
            .Execute(fmt::format(
                "INSERT INTO {0} (task, epoch, generation) VALUES ({1}, "
                "CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS UNSIGNED), {2}) ON DUPLICATE KEY UPDATE "
                "epoch = epoch + 1, generation = GREATEST(generation, {2})",
                Name("task"), QuoteText(task_), generation))
            .status();
    return generation != 0 && connection.last_error() == ER_LOCK_WAIT_TIMEOUT
               ? base::Aborted("{}", std::string(raised.message()))
               : raised;
  });
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
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> holders,
                          Select(connection, kHolderColumns, "task_holder"));
  const bool ours = !holders.empty() && ProcessOf(holders[0]) == connector::ThisProcess();
  return ours ? base::OkStatus() : Superseded();
}

base::Status StateStore::TakeOver(Connection& connection, uint64_t generation) const {
  GODWIT_RETURN_IF_ERROR(MayTakeOver(connection, generation));
  const auto raise = [&]() -> base::Status {
    GODWIT_ASSIGN_OR_RETURN(
        const std::string locked,
        connection.QueryValue(fmt::format("SELECT GET_LOCK({}, 0)", LockName("run"))));
    if (locked != "1") return base::Aborted("target: the task's lock is held again");
    GODWIT_RETURN_IF_ERROR(MayTakeOver(connection, generation));
    return RaiseEpoch(connection, generation);
  };
  // A connection that has come in between may be frozen over the epoch's row.
  GODWIT_RETURN_IF_ERROR(connection.Execute("SET SESSION innodb_lock_wait_timeout = 1").status());
  GODWIT_RETURN_IF_ERROR(
      connector::TakeOver(task_, {[&] { return EndOthers(connection); }, raise}));
  return connection.Execute("SET SESSION innodb_lock_wait_timeout = DEFAULT").status();
}

base::StatusOr<TaskState> StateStore::Claim(Connection& connection, uint64_t generation) {
  GODWIT_RETURN_IF_ERROR(Mark(connection));
  if (generation == 0) {
    GODWIT_RETURN_IF_ERROR(TakeLock(connection));
    GODWIT_RETURN_IF_ERROR(RaiseEpoch(connection, 0));
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
  if (generation == 0) GODWIT_RETURN_IF_ERROR(TakeLock(connection));
  GODWIT_ASSIGN_OR_RETURN(const std::optional<TaskState> known, Load(connection));
  if (!known) return std::optional<TaskState>();
  GODWIT_ASSIGN_OR_RETURN(TaskState claimed, Claim(connection, generation));
  return std::optional<TaskState>(std::move(claimed));
}

base::Status StateStore::Reclaim(Connection& connection) const {
  GODWIT_RETURN_IF_ERROR(Mark(connection));
  base::Status lock = TakeLock(connection);
  if (!lock.ok() && !absl::IsFailedPrecondition(lock)) return lock;
  // That another process has had the task, or has removed it, is final.
  const base::Status held = HoldEpoch(connection);
  if (!held.ok()) return absl::IsNotFound(held) ? Superseded() : held;
  if (lock.ok()) return WriteHolder(connection);
  return base::Unavailable(
      "target: it has not noticed yet that an earlier connection of this task is gone");
}

}  // namespace godwit::connectors::mysql
