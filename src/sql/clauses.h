#pragma once

#include <string>

#include "base/status.h"
#include "sql/definition.h"
#include "sql/token_cursor.h"

// Clauses that columns, keys, tables and databases have in common.
namespace godwit::sql {

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

}  // namespace godwit::sql
