#pragma once

#include <string>
#include <vector>

#include "config/casts.h"
#include "model/table.h"
#include "sql/definition.h"
#include "sql/translate_column.h"

namespace godwit::connectors::postgres {

// A column of MySQL or MariaDB and what it is to be.
struct PlannedColumn {
  const sql::ColumnDefinition* source = nullptr;
  std::string place;  // for notes: "column `a`"
  // Of the source's values. MariaDB's JSON, which is text with a check, is kJson here; an unsigned
  // integer is kUint.
  model::TypeKind kind = model::TypeKind::kText;
  std::string type;      // as format_type writes it: "timestamp(3) without time zone"
  std::string base;      // without its modifiers: "timestamp without time zone"
  bool is_cast = false;  // by a rule of the task file
  // MariaDB's JSON: its check says what the type says.
  bool is_checked_json = false;
  // Of a generated column that has been translated: the expression, without the cast to its type.
  std::string expression;

  bool IsInteger() const;  // of PostgreSQL, of any size
  bool IsString() const;   // text, with or without a limit
};

// What the values of a column are.
model::TypeKind KindOf(const sql::ColumnDefinition& column);

// The columns of a table with their types by `casts` and else by the rules.
std::vector<PlannedColumn> PlanColumns(const sql::TableDefinition& table,
                                       const config::Casts& casts, sql::NoteTaker& notes);

// How values of text compare on the source.
enum class TextComparison : uint8_t {
  kBytes,   // as on PostgreSQL
  kPadded,  // likewise, but for blanks at the end
  kOther,   // case or accents may not count
};
TextComparison ComparisonOf(const sql::CharsetChoice& charset);

}  // namespace godwit::connectors::postgres
