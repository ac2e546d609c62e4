#pragma once

#include <map>
#include <memory>

#include "base/status.h"
#include "connector/change_pieces.h"
#include "connector/value_rules.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/from_postgres/postgres_rows.h"
#include "model/table.h"

namespace godwit::connectors::mysql {

// How the rows of tables of PostgreSQL are written here, by what the target says of each table when
// it is first seen, and when its definition is another one. One thread.
class PostgresTables {
 public:
  explicit PostgresTables(std::shared_ptr<connector::ValueRules> rules)
      : rules_(std::move(rules)) {}

  // kNotFound: there is no such table here.
  base::StatusOr<std::shared_ptr<PostgresRows>> RowsOf(Connection& connection,
                                                       const model::TablePtr& table);
  // Of the others nothing is kept, which have room for their longest rows.
  void ForgetAllBut(const model::TableName& table);

 private:
  const std::shared_ptr<connector::ValueRules> rules_;
  std::map<model::TableName, std::shared_ptr<PostgresRows>> tables_;
};

// The changes of one table as those of the target's table. One thread.
class PostgresChanges {
 public:
  // `changes` is borrowed. `rows`: of its table; null where its rows are the target's as they are.
  PostgresChanges(const connector::TableChanges& changes, std::shared_ptr<PostgresRows> rows)
      : changes_(changes), rows_(std::move(rows)) {}

  const connector::TableChanges& changes() const { return changes_; }
  // The table whose rows are written.
  const model::Table& table() const { return rows_ ? *rows_->here() : *changes_.table; }

  // Hands on the deletes, or all else, piece by piece in the order in which they are to be done;
  // without `rows`, all at once.
  base::Status Deletes(connector::PieceUse use);
  base::Status Others(connector::PieceUse use);
  // The updates, as deletes of the rows that they leave.
  base::Status UpdatedAsDeletes(connector::PieceUse use);

 private:
  const connector::TableChanges& changes_;
  const std::shared_ptr<PostgresRows> rows_;
};

}  // namespace godwit::connectors::mysql
