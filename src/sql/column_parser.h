#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "sql/definition.h"
#include "sql/token_cursor.h"

namespace godwit::sql {

// A column, and what its attributes (UNIQUE, PRIMARY KEY, REFERENCES; MySQL's CHECK) add to the
// table.
struct ParsedColumn {
  ColumnDefinition column;
  std::vector<KeyDefinition> keys;
  std::vector<model::ForeignKey> foreign_keys;
  std::vector<CheckDefinition> checks;
};

// Reads `name type attributes ...` of a column of a table in `schema`.
base::StatusOr<ParsedColumn> ParseColumn(TokenCursor& cursor, const std::string& schema);

}  // namespace godwit::sql
