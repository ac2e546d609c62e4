#pragma once

#include "sql/definition.h"

namespace godwit::sql {

// Adds to a definition what the server adds to what the user typed, so that it says what SHOW CREATE TABLE
// would: charsets from the table's and from `schema_default`, text types that hold the length asked for,
// names of keys, foreign keys and checks, the index that a foreign key needs, NOT NULL for primary keys, and
// the order of the keys. A complete definition is left as it is.
void Complete(TableDefinition& definition, const CharsetChoice& schema_default);

}  // namespace godwit::sql
