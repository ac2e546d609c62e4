#pragma once

#include "connectors/mysql/from_postgres/from_postgres_types.h"
#include "sql/definition.h"
#include "sql/postgres/definition.h"
#include "sql/translate_column.h"

namespace godwit::connectors::mysql {

// Adds the foreign keys of a table to `here`, which has its columns. What no parent makes possible
// is left out with a note; FitForeignKeys (from_postgres.h) does the same for what a parent
// decides.
void AddForeignKeys(const sql::postgres::Definition& table,
                    const std::vector<PlannedColumn>& columns, sql::TableDefinition& here,
                    sql::NoteTaker& notes);

}  // namespace godwit::connectors::mysql
