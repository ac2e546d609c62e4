#include "connectors/postgres/apply/applier.h"

#include "base/failpoint.h"
#include "connectors/postgres/apply/write_session.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

// In one statement, as foreign keys may lead from one of them to another.
base::Status Truncate(Connection& connection, const std::vector<connector::Truncation>& tables) {
  std::string list;
  for (const auto& [table, partition] : tables)
    list +=
        (list.empty() ? "" : ", ") + QuoteName(partition.table.empty() ? table->name : partition);
  return list.empty() ? base::OkStatus() : connection.Execute("TRUNCATE " + list).status();
}

}  // namespace

base::StatusOr<std::unique_ptr<PostgresApplier>> PostgresApplier::Open(
    const config::Endpoint& endpoint, const StateStore* store,
    std::shared_ptr<connector::ValueRules> rules, Holding holding) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, store->Open(endpoint));
  GODWIT_RETURN_IF_ERROR(BeginWriting(*connection, holding));
  // Statements for many rows look costly to the server, and are not run long enough to be compiled.
  GODWIT_RETURN_IF_ERROR(connection->Execute("SET jit = off").status());
  GODWIT_ASSIGN_OR_RETURN(TargetTypes types, ReadTargetTypes(*connection));
  return std::unique_ptr<PostgresApplier>(
      new PostgresApplier(std::move(connection), std::move(types), store, std::move(rules)));
}

base::Status PostgresApplier::Begin() {
  if (in_transaction_) return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(
      connection_->Execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").status());
  in_transaction_ = true;
  return base::OkStatus();
}

// The server would take COMMIT for ROLLBACK where a statement has failed: but the one before was
// the store's, and succeeded.
base::Status PostgresApplier::CommitTransaction() {
  GODWIT_RETURN_IF_ERROR(connection_->Execute("COMMIT").status());
  in_transaction_ = false;
  return base::OkStatus();
}

base::Status PostgresApplier::RolledBackIfAborted(base::Status status) {
  if (absl::IsAborted(status)) Rollback();
  return status;
}

base::Status PostgresApplier::Write(const connector::ChangeSegment& segment,
                                    SegmentWriter& writer) {
  using connector::TableChanges;
  for (const TableChanges& changes : segment.tables) {
    GODWIT_RETURN_IF_ERROR(foreign_.Deletes(
        *connection_, changes, [&](const TableChanges& here) { return writer.Delete(here); }));
  }
  for (const TableChanges& changes : segment.tables) {
    GODWIT_RETURN_IF_ERROR(foreign_.Others(
        *connection_, changes, [&](const TableChanges& here) { return writer.Write(here); }));
  }
  return base::OkStatus();
}

base::StatusOr<connector::ApplyResult> PostgresApplier::Apply(
    const connector::ChangeSegment& segment, connector::ApplyMode mode) {
  GODWIT_RETURN_IF_ERROR(Begin());
  GODWIT_RETURN_IF_ERROR(RolledBackIfAborted(Truncate(*connection_, segment.truncated)));
  GODWIT_RETURN_IF_ERROR(
      RolledBackIfAborted(cascades_.Apply(segment, mode == connector::ApplyMode::kStrict)));
  SegmentWriter writer(*connection_, types_, mode);
  GODWIT_RETURN_IF_ERROR(RolledBackIfAborted(Write(segment, writer)));
  return writer.result();
}

base::Status PostgresApplier::CommitPart(const connector::OpenGroup& group, int part) {
  GODWIT_RETURN_IF_ERROR(Begin());
  GODWIT_RETURN_IF_ERROR(RolledBackIfAborted(store_->WritePart(*connection_, group, part)));
  base::Failpoint("apply.before_part_commit");
  GODWIT_RETURN_IF_ERROR(RolledBackIfAborted(CommitTransaction()));
  base::Failpoint("apply.after_part_commit");
  return base::OkStatus();
}

base::Status PostgresApplier::Commit(const model::Position& position, int64_t commit_time_us) {
  GODWIT_RETURN_IF_ERROR(Begin());
  GODWIT_RETURN_IF_ERROR(
      RolledBackIfAborted(store_->WriteApplied(*connection_, position, commit_time_us)));
  base::Failpoint("apply.before_commit");
  GODWIT_RETURN_IF_ERROR(RolledBackIfAborted(CommitTransaction()));
  base::Failpoint("apply.after_commit");
  return base::OkStatus();
}

void PostgresApplier::Rollback() {
  connection_->Execute("ROLLBACK").IgnoreError();
  in_transaction_ = false;
}

}  // namespace godwit::connectors::postgres
