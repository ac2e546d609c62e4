#pragma once

#include <string>

#include "connectors/mysql/from_postgres/from_postgres_types.h"
#include "sql/definition.h"
#include "sql/postgres/definition.h"
#include "sql/translate_column.h"

namespace godwit::connectors::mysql {

// The default of a column that does not count, as `here` reads it, which has the columns; empty: it
// has none, or it is left out with a note.
std::string DefaultFor(const PlannedColumn& column, const sql::postgres::Definition& table,
                       const sql::TableDefinition& here, sql::NoteTaker& notes);

}  // namespace godwit::connectors::mysql
