#pragma once

#include <absl/functional/function_ref.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "connector/destination.h"
#include "connector/value_rules.h"
#include "connectors/postgres/connection/connection.h"
#include "model/cell.h"
#include "model/table.h"
#include "wire/mysql/charset.h"

namespace godwit::connectors::postgres {

// Rows of a table of MariaDB or MySQL as PostgreSQL takes them: each value in the text form of its
// type (docs/mysql-to-postgres.md), the same that the copy gives it
// (connectors/mysql/copy_fields.h). What a column takes is decided once. One thread.
class ForeignRows {
 public:
  // `here`: the same table with the types of this server (WithTypesHere). kFailedPrecondition: a
  // column is in a charset that is not known.
  static base::StatusOr<ForeignRows> Make(model::TablePtr source, model::TablePtr here,
                                          std::shared_ptr<connector::ValueRules> rules);

  const model::TablePtr& source() const { return source_; }
  const model::TablePtr& here() const { return here_; }

  // The row with its values in `arena`, or where they were if they are the same here.
  // kFailedPrecondition: one cannot be here, and the rules say that this is an error.
  base::StatusOr<model::Row> Convert(model::Row row, base::Arena& arena);

  // "id=17"; empty without a key.
  std::string NameOf(model::Row row) const;

 private:
  enum class Form : uint8_t {
    kSame,  // numbers, times, addresses
    kText,
    kJsonb,
    kBytes,
    kGeometry,  // bytes after the number of their reference system
    kBits,
    kLabel,
    kLabels,
    kDay,        // a date, and maybe a time
    kTimestamp,  // the same in UTC
  };
  struct Column {
    Form form;
    wire::mysql::TextDecoder decoder;  // of text
  };

  ForeignRows(model::TablePtr source, model::TablePtr here,
              std::shared_ptr<connector::ValueRules> rules)
      : source_(std::move(source)), here_(std::move(here)), rules_(std::move(rules)) {}

  static Form FormOf(const model::Column& source, const model::Column& here);
  base::StatusOr<model::Cell> ConvertCell(size_t column, const model::Cell& cell, model::Row row,
                                          base::Arena& arena);
  // What is wrong with the value; nothing, and `cell` is what it is here.
  base::StatusOr<std::optional<connector::Unfit>> Fit(size_t column, model::Cell& cell,
                                                      base::Arena& arena);
  std::string Nearest(size_t column, connector::Unfit why, std::string_view value) const;
  const model::TablePtr source_, here_;
  const std::shared_ptr<connector::ValueRules> rules_;
  std::vector<Column> columns_;
  std::string text_;  // of the value in hand
};

// The changes of such tables as those of tables of PostgreSQL, a few MiB at a time. One thread.
class ForeignChanges {
 public:
  explicit ForeignChanges(std::shared_ptr<connector::ValueRules> rules)
      : rules_(std::move(rules)) {}

  const std::shared_ptr<connector::ValueRules>& rules() const { return rules_; }

  using Use = absl::FunctionRef<base::Status(const connector::TableChanges&)>;
  // Hands on the deletes, or all else, piece by piece in the order in which they are to be done.
  // Changes of a table of PostgreSQL as they are. Where the server refuses a value, the transaction
  // is rolled back, and the error names its column and row.
  base::Status Deletes(Connection& connection, const connector::TableChanges& changes, Use use);
  base::Status Others(Connection& connection, const connector::TableChanges& changes, Use use);

  // Valid until the next call for a table of this name. Asks for a table's types when it is first
  // seen, and when its definition is another one.
  base::StatusOr<ForeignRows*> RowsOf(Connection& connection, const model::TablePtr& table);

 private:
  const std::shared_ptr<connector::ValueRules> rules_;
  std::map<model::TableName, std::unique_ptr<ForeignRows>> tables_;
};

}  // namespace godwit::connectors::postgres
