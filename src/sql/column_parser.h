#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "sql/definition.h"
#include "sql/token_cursor.h"

namespace godwit::sql {

// A column, and what its attributes (UNIQUE, PRIMARY KEY, REFERENCES) add to the table.
struct ParsedColumn {
  ColumnDefinition column;
  std::vector<KeyDefinition> keys;
  std::vector<model::ForeignKey> foreign_keys;
};

// Reads `name type attributes ...` of a column of a table in `schema`.
base::StatusOr<ParsedColumn> ParseColumn(TokenCursor& cursor, const std::string& schema);

// Reads the expression after DEFAULT, with or without parentheses around it.
base::StatusOr<std::string> ParseDefaultExpression(TokenCursor& cursor);

// Reads `{CHARSET | CHARACTER SET} [=] name` or `COLLATE [=] name`, with DEFAULT before it or not;
// false: there is none. The names stay as typed.
base::StatusOr<bool> ParseCharset(TokenCursor& cursor, CharsetChoice& charset);

// The index that the server makes for a foreign key.
KeyDefinition KeyFor(const model::ForeignKey& foreign_key);

// Reads `REFERENCES table (columns) ...`.
base::Status ParseReferences(TokenCursor& cursor, const std::string& schema,
                             model::ForeignKey& foreign_key);

}  // namespace godwit::sql
