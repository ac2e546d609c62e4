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

// Reads the expression after DEFAULT, with or without parentheses around it.
base::StatusOr<std::string> ParseDefaultExpression(TokenCursor& cursor);

// Reads `{CHARSET | CHARACTER SET} [=] name` or `COLLATE [=] name`, with DEFAULT before it or not;
// false: there is none. The names stay as typed.
base::StatusOr<bool> ParseCharset(TokenCursor& cursor, CharsetChoice& charset);

// Whether a column or a key ends here: `,`, `)`, the end, or, in ALTER TABLE, what may follow
// without a comma (REMOVE PARTITIONING, PARTITION BY).
bool AtElementEnd(const TokenCursor& cursor);

// Gives utf8mb4 the collation that MySQL's session has for it where none is said.
void ChooseUtf8mb4(const ParseOptions& options, CharsetChoice& charset);

// Reads `[NOT] ENFORCED` where it stands.
void ParseEnforcement(TokenCursor& cursor, CheckDefinition& check);

// The index that the server makes for a foreign key.
KeyDefinition KeyFor(const model::ForeignKey& foreign_key);

// Reads `REFERENCES table (columns) ...`.
base::Status ParseReferences(TokenCursor& cursor, const std::string& schema,
                             model::ForeignKey& foreign_key);

}  // namespace godwit::sql
