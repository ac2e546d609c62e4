#pragma once

#include "sql/definition.h"

namespace godwit::sql {

enum class KeyOrder : uint8_t {
  kAsListed,  // as SHOW CREATE TABLE lists them
  kSorted,    // the server sorts them when it creates a table or adds a key
};

// Adds to a definition what the server adds to what the user typed, so that it says what SHOW
// CREATE TABLE would: charsets from the table's and from `schema_default`, text types that hold the
// length asked for, names of keys, foreign keys and checks, the index that a foreign key needs, and
// NOT NULL for primary keys. A complete definition is left as it is.
void Complete(TableDefinition& definition, const CharsetChoice& schema_default, KeyOrder order);

}  // namespace godwit::sql
