#pragma once

#include <string_view>

#include "base/status.h"
#include "sql/lexer.h"
#include "sql/statement.h"

namespace godwit::sql {

// Reads one statement as MariaDB 10.11 or MySQL 9.7 would (a `;` at its end and SET STATEMENT ...
// FOR before it included). The text must be in UTF-8. What a table statement holds beyond the
// grammar known here is kInvalidArgument, with the offset and the text there: never a guess. Of
// statements that define no tables only the kind and the tables are read. Thread-safe.
base::StatusOr<Statement> ParseStatement(std::string_view text, const ParseOptions& options);

// Reads the text that SHOW CREATE TABLE gives, or WriteCreateTable, and completes it. `options`
// must name the table's schema as its default_schema.
base::StatusOr<TableDefinition> ParseDefinition(std::string_view text, const ParseOptions& options,
                                                const CharsetChoice& schema_default);

}  // namespace godwit::sql
