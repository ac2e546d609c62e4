#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/endpoint.h"
#include "connector/task_state.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// The tables in which a PostgreSQL target keeps a task's state (docs/formats.md), and the fence:
// every transaction that writes data also asks whether this process's epoch still holds (R4).
//
// Methods take the connection whose transaction they belong to, and those that say "within" leave
// its commit to the caller. Thread-safe, as nothing but the epoch is kept here.
class StateStore {
 public:
  StateStore(std::string meta_schema, std::string task)
      : schema_(std::move(meta_schema)), task_(std::move(task)) {}

  const std::string& schema() const { return schema_; }
  const std::string& task() const { return task_; }

  // Nothing when the target has never seen the task. Changes nothing. kFailedPrecondition, here and
  // from Claim: a later version of Godwit has written the state.
  base::StatusOr<std::optional<connector::TaskState>> Load(Connection& connection) const;

  // A connection to write over, marked as the task's; once it is claimed, the epoch has held since
  // then. All that writes to the target goes over such ones, and the one that claims.
  base::StatusOr<std::unique_ptr<Connection>> Open(const config::Endpoint& endpoint) const;

  // Ends other sessions of the task where one of them keeps the state from being read, having
  // stopped in the midst of bringing its tables up to date. kAborted: it did.
  base::Status MakeWay(Connection& connection, uint64_t generation) const;

  // Creates the tables, or brings them up to date, if need be, takes the task's advisory lock for
  // as long as `connection` lives, and raises the epoch. A `generation` takes the task over from a
  // lesser one, or from an earlier run of the same, and ends all other sessions of the task;
  // kFailedPrecondition: a greater one has it. 0, none: kFailedPrecondition: another process holds
  // the lock. kUnavailable: a connection of a process that has ended does; the target has been told
  // to end it.
  base::StatusOr<connector::TaskState> Claim(Connection& connection, uint64_t generation);
  // The same, but makes nothing of a task that the target has never seen: without a generation its
  // lock alone is taken.
  base::StatusOr<std::optional<connector::TaskState>> ClaimIfKnown(Connection& connection,
                                                                   uint64_t generation);
  // After that: removes the task's state, fenced, and DropStateTables.
  base::StatusOr<connector::Forgotten> Forget(Connection& connection) const;
  // Takes the lock again on a new connection; kFailedPrecondition when the task was claimed
  // meanwhile.
  base::Status Reclaim(Connection& connection) const;

  // Each in a transaction of its own, fenced.
  base::Status SaveHead(Connection& connection, const connector::TaskState& state) const;
  base::Status SaveServer(Connection& connection, const connector::TaskState& state) const;
  base::Status SaveTables(Connection& connection,
                          const std::vector<connector::TableState>& tables) const;

  // The DDL in hand, each in a transaction of its own, fenced. BeginDdl is for one that is about to
  // be executed, or waits for the operator: what is kept then is `ddl`, and nothing of before.
  base::Status BeginDdl(Connection& connection, const connector::PendingDdl& ddl) const;
  base::Status DecideDdl(Connection& connection, connector::DdlVerb verb,
                         const std::vector<std::string>& replacement) const;
  base::StatusOr<std::vector<connector::DdlRecord>> ReadDdlRecords(Connection& connection) const;

  // `write` in a transaction of its own, fenced.
  base::Status Fenced(Connection& connection, const std::function<base::Status()>& write) const;

  // Within the caller's transaction.
  // DDL is transactional here: what a statement did and that it is done commit together.
  base::Status WriteDdlDone(Connection& connection, const model::Position& applied,
                            int64_t commit_us, const std::vector<connector::TableState>& tables,
                            const std::optional<connector::DdlRecord>& record) const;
  base::Status WriteChunkRecord(Connection& connection, const connector::ChunkRecord& record) const;
  base::Status HoldEpoch(Connection& connection) const;
  // Both fence too.
  base::Status WritePart(Connection& connection, const connector::OpenGroup& group, int part) const;
  base::Status WriteApplied(Connection& connection, const model::Position& applied,
                            int64_t commit_us) const;

 private:
  // Columns of this task's rows in a table; `rest`: of the SELECT, behind its condition.
  base::StatusOr<std::vector<ResultRow>> Select(Connection& connection, std::string_view columns,
                                                std::string_view table,
                                                std::string_view rest = "") const;
  base::Status LoadDecision(Connection& connection, connector::PendingDdl& ddl) const;
  base::Status LoadSchemas(Connection& connection, connector::TaskState& state) const;
  base::Status LoadOpenGroup(Connection& connection, connector::TaskState& state) const;
  base::Status LoadTables(Connection& connection, connector::TaskState& state) const;
  base::Status ForgetDecision(Connection& connection) const;
  // kFailedPrecondition: another has it for good.
  base::Status MayTakeOver(Connection& connection, uint64_t generation) const;
  // That each of the tables can be read; kAborted: one is locked.
  base::Status ReadAllOfState(Connection& connection, uint64_t generation) const;
  base::Status TakeOver(Connection& connection, uint64_t generation) const;
  base::Status RaiseEpoch(Connection& connection, uint64_t generation) const;
  base::Status RaiseEpochOfTables(Connection& connection, uint64_t generation) const;
  base::Status WriteTable(Connection& connection, const connector::TableState& table) const;
  base::Status WriteTables(Connection& connection,
                           const std::vector<connector::TableState>& tables) const;
  base::Status Superseded() const;
  std::string Name(std::string_view table) const;  // qualified and quoted

  std::string schema_, task_;
  std::atomic<uint64_t> epoch_{0};
};

}  // namespace godwit::connectors::postgres
