#pragma once

#include <string>

#include "base/status.h"
#include "sql/definition.h"
#include "sql/token_cursor.h"

namespace godwit::sql {

// The index that the server makes for a foreign key.
KeyDefinition KeyFor(const model::ForeignKey& foreign_key);

// Reads `REFERENCES table (columns) ...`.
base::Status ParseReferences(TokenCursor& cursor, const std::string& schema,
                             model::ForeignKey& foreign_key);

}  // namespace godwit::sql
