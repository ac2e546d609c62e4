#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "connector/destination.h"
#include "connectors/mysql/apply/row_statements.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/from_postgres/postgres_changes.h"
#include "connectors/mysql/state/state_store.h"

namespace godwit::connectors::mysql {

// Writes changes as bulk statements in transactions that also move the checkpoint. Rows of tables
// of PostgreSQL are converted on the way.
class MysqlApplier : public connector::ChangeApplier {
 public:
  // `store` is borrowed. `rules`: for values of PostgreSQL that this server cannot hold.
  static base::StatusOr<std::unique_ptr<MysqlApplier>> Open(
      const config::Endpoint& endpoint, const StateStore* store,
      std::shared_ptr<connector::ValueRules> rules, bool others);

  base::StatusOr<connector::ApplyResult> Apply(const connector::ChangeSegment& segment,
                                               connector::ApplyMode mode) override;
  base::Status CommitPart(const connector::OpenGroup& group, int part) override;
  base::Status Commit(const model::Position& position, int64_t commit_time_us) override;
  void Rollback() override;
  void Cancel() override { connection_->Cancel(); }

 private:
  base::Status Begin();
  base::Status CommitTransaction();
  base::Status Empty(const connector::Truncation& truncation);

  MysqlApplier(std::unique_ptr<Connection> connection, const StateStore* store,
               std::shared_ptr<connector::ValueRules> rules)
      : connection_(std::move(connection)), store_(store), postgres_(std::move(rules)) {}

  // Of the tables that are changed, in their order.
  base::StatusOr<std::vector<PostgresChanges>> ChangesHere(
      const std::vector<connector::TableChanges>& tables);
  // All but the deletes.
  base::Status Write(const connector::TableChanges& changes, bool strict,
                     const StatementSink& sink);
  base::Status Execute(const RowStatement& statement, const model::Table& table, bool strict,
                       connector::ApplyResult& result);
  // The rows that the statement's parts found.
  base::StatusOr<uint64_t> ExecuteParts(const RowStatement& statement, const model::Table& table,
                                        bool strict);
  // What it means that the last statement failed.
  base::Status Failure(const base::Status& failed, const RowStatement& statement,
                       const model::Table& table, bool strict) const;

  // Fails unless the statements counted by transaction have changed as many rows as they should.
  base::Status CheckCounts();

  std::unique_ptr<Connection> connection_;
  const StateStore* store_;
  PostgresTables postgres_;
  bool in_transaction_ = false;
  // Of statements counted by transaction: rows changed in this one beyond those expected.
  std::map<model::TableName, int64_t> uncounted_;
};

}  // namespace godwit::connectors::mysql
