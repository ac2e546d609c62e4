#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/endpoint.h"
#include "connector/take_over.h"
#include "connector/task_state.h"
#include "connectors/mysql/connection/connection.h"

namespace godwit::connectors::mysql {

// The tables in which a MySQL-family target keeps a task's state (docs/formats.md), and the fence:
// every transaction that writes data also asks whether this process's epoch still holds (R4).
//
// Methods take the connection whose transaction they belong to, and those that say "within" leave
// its commit to the caller. Thread-safe, as nothing but the epoch is kept here.
class StateStore {
 public:
  StateStore(std::string meta_schema, std::string task)
      : schema_(std::move(meta_schema)), task_(std::move(task)) {}

  const std::string& schema() const { return schema_; }
  // The name of a lock of the task's on the target, as GET_LOCK takes it.
  std::string LockName(std::string_view purpose) const;
  // A table for the DDL in hand.
  model::TableName MarkName(std::string_view when) const;

  // Nothing when the target has never seen the task. Changes nothing. kFailedPrecondition, here and
  // from Claim: a later version of Godwit has written the state.
  base::StatusOr<std::optional<connector::TaskState>> Load(Connection& connection) const;

  // A connection to write over, marked as the task's; once it is claimed, the epoch has held since
  // then. All that writes to the target goes over such ones, and the one that claims.
  base::StatusOr<std::unique_ptr<Connection>> Open(const config::Endpoint& endpoint,
                                                   Connection::Text text) const;

  // Creates the tables, or brings them up to date, if need be, takes the task's lock for as long as
  // `connection` lives, and raises the epoch. A `generation` takes the task over from a lesser one,
  // or from an earlier run of the same, and ends all other connections of the task;
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
  // be executed, or waits for the operator (`waits_for`); what was decided before is void, but for
  // the statements of a replacement that are done (`replaced`). Those after them, if any, are what
  // it is to be executed by.
  base::Status BeginDdl(Connection& connection, const connector::PendingDdl& ddl) const;
  base::Status DecideDdl(Connection& connection, connector::DdlVerb verb,
                         const std::vector<std::string>& replacement) const;
  // A statement of the replacement is about to be executed; or done.
  base::Status BeginStep(Connection& connection, size_t step, const std::string& before) const;
  base::Status FinishStep(Connection& connection, size_t step) const;
  // `schema`: of the source's database that it is about, if any; `record`: where it was not
  // executed as it stood.
  base::Status FinishDdl(Connection& connection, const model::Position& applied, int64_t commit_us,
                         const std::vector<connector::TableState>& tables,
                         const std::optional<model::SchemaDefault>& schema,
                         const std::optional<connector::DdlRecord>& record) const;
  base::StatusOr<std::vector<connector::DdlRecord>> ReadDdlRecords(Connection& connection) const;

  // Within the caller's transaction.
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
  // The SQL that removes the statements of a replacement; those that are done only if asked for.
  std::string ForgetSteps(bool done_too) const;
  // The SQL that adds one.
  std::string AddStep(const std::string& statement) const;
  base::Status LoadSchemas(Connection& connection, connector::TaskState& state) const;
  // The SQL that keeps it, or forgets a database that is gone.
  std::string PutSchema(const model::SchemaDefault& schema) const;
  base::Status LoadOpenGroup(Connection& connection, unsigned format,
                             connector::TaskState& state) const;
  // Marks it as one of the task's, which EndOthers ends.
  base::Status Mark(Connection& connection) const;
  std::string MarkLock(uint64_t number) const;
  base::StatusOr<connector::OtherConnections> EndOthers(Connection& connection) const;
  // kFailedPrecondition: another has it for good.
  base::Status MayTakeOver(Connection& connection, uint64_t generation) const;
  base::Status TakeOver(Connection& connection, uint64_t generation) const;
  base::Status RaiseEpoch(Connection& connection, uint64_t generation) const;
  base::Status TakeLock(Connection& connection) const;
  // Does `work` while no other task makes the tables of the schema, or drops them.
  base::Status HoldingTables(Connection& connection,
                             const std::function<base::Status()>& work) const;
  // Why the lock was not to be had.
  base::Status Held(Connection& connection) const;
  base::Status WriteHolder(Connection& connection) const;
  base::Status WriteTables(Connection& connection,
                           const std::vector<connector::TableState>& tables) const;
  base::Status Fenced(Connection& connection, const std::vector<std::string>& statements,
                      const std::vector<connector::TableState>& tables) const;
  base::Status Superseded() const;
  std::string Name(std::string_view table) const;  // qualified and quoted
  std::string Where() const;                       // this task's rows

  std::string schema_, task_;
  std::atomic<uint64_t> epoch_{0};
};

}  // namespace godwit::connectors::mysql
