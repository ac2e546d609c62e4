#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "connector/destination.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/row_statements.h"
#include "connectors/mysql/state_store.h"

namespace godwit::connectors::mysql {

// Writes changes as bulk statements in transactions that also move the checkpoint.
class MysqlApplier : public connector::ChangeApplier {
 public:
  // `store` is borrowed.
  static base::StatusOr<std::unique_ptr<MysqlApplier>> Open(const config::Endpoint& endpoint,
                                                            const StateStore* store, bool others);

  base::StatusOr<connector::ApplyResult> Apply(const connector::ChangeSegment& segment,
                                               connector::ApplyMode mode) override;
  base::Status CommitPart(const connector::OpenGroup& group, int part) override;
  base::Status Commit(const model::Position& position, int64_t commit_time_us) override;
  void Rollback() override;
  void Cancel() override { connection_->Cancel(); }

 private:
  base::Status Begin();
  base::Status CommitTransaction();

  MysqlApplier(std::unique_ptr<Connection> connection, const StateStore* store)
      : connection_(std::move(connection)), store_(store) {}

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
  bool in_transaction_ = false;
  // Of statements counted by transaction: rows changed in this one beyond those expected.
  std::map<model::TableName, int64_t> uncounted_;
};

}  // namespace godwit::connectors::mysql
