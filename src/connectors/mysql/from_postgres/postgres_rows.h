#pragma once

#include <absl/functional/function_ref.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "connector/value_rules.h"
#include "connectors/mysql/from_postgres/postgres_value.h"
#include "model/cell.h"
#include "model/table.h"
#include "sql/flavour.h"
#include "wire/postgres/copy_text.h"

namespace godwit::connectors::mysql {

// `source`, a table of PostgreSQL, with its columns as `target` has them: the table whose rows are
// written here. kFailedPrecondition: a column that is written is not there, or is computed there.
base::StatusOr<model::TablePtr> WithColumnsHere(const model::Table& source,
                                                const model::Table& target);

// Rows of a table of PostgreSQL as MariaDB and MySQL take them (docs/postgres-to-mysql.md): text as
// the source's server writes it becomes cells of the kinds of the target's columns. One thread.
class PostgresRows {
 public:
  // `here`: as WithColumnsHere gives it. kFailedPrecondition: a column takes no values of its
  // source's type.
  static base::StatusOr<PostgresRows> Make(model::TablePtr source, model::TablePtr here,
                                           sql::Flavour flavour,
                                           std::shared_ptr<connector::ValueRules> rules);

  const model::TablePtr& source() const { return source_; }
  const model::TablePtr& here() const { return here_; }

  // The row with its values in `arena`, or where they were if they are the same here.
  // kFailedPrecondition: one cannot be here, and the rules say that this is an error.
  base::StatusOr<model::Row> Convert(model::Row row, base::Arena& arena);

  // Appends a row of COPY's text format, with or without its newline, as one of LOAD DATA
  // (copy/load_text.h), with a newline.
  base::Status ConvertLine(std::string_view line, std::string& out);

  // "id=17"; empty without a key.
  std::string NameOf(model::Row row) const;

 private:
  PostgresRows(model::TablePtr source, model::TablePtr here,
               std::shared_ptr<connector::ValueRules> rules)
      : source_(std::move(source)), here_(std::move(here)), rules_(std::move(rules)) {}

  base::StatusOr<model::Cell> ConvertCell(size_t column, model::Row row, base::Arena& arena);
  // What is written in place of a value that has no place; nothing: NULL.
  base::StatusOr<std::optional<FittedValue>> InPlaceOf(size_t column, std::string_view value,
                                                       Fit why,
                                                       absl::FunctionRef<std::string()> row);

  std::string NameOfLine(const std::vector<std::optional<std::string_view>>& fields) const;

  model::TablePtr source_, here_;
  std::shared_ptr<connector::ValueRules> rules_;
  std::vector<PostgresValue> values_;  // by column
  std::vector<size_t> copied_;         // the columns that a row of the copy has
  wire::postgres::CopyTextRow line_;
};

}  // namespace godwit::connectors::mysql
