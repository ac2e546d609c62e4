#pragma once

#include <vector>

#include "connectors/mysql/from_postgres/from_postgres_types.h"
#include "connectors/mysql/from_postgres/planned_keys.h"
#include "sql/definition.h"
#include "sql/postgres/definition.h"
#include "sql/translate_column.h"

namespace godwit::connectors::mysql {

// Takes out, with a note, unique keys over expressions that may be the same on the target for rows
// that the source keeps apart (lower() of letters beyond ASCII). To be called before columns are
// made to fit their keys.
void LeaveOutStricterKeys(std::vector<PlannedKey>& keys, const sql::postgres::Definition& table,
                          const std::vector<PlannedColumn>& columns, sql::Flavour to,
                          sql::NoteTaker& notes);

// Adds them to `here`, which has its columns, with what has to be said of each.
void AddKeys(const std::vector<PlannedKey>& keys, const sql::postgres::Definition& table,
             const std::vector<PlannedColumn>& columns, sql::TableDefinition& here,
             sql::NoteTaker& notes);

}  // namespace godwit::connectors::mysql
