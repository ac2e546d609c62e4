#pragma once

#include <vector>

#include "connectors/mysql/from_postgres/from_postgres_types.h"
#include "connectors/mysql/from_postgres/planned_keys.h"
#include "sql/postgres/definition.h"
#include "sql/translate_column.h"

namespace godwit::connectors::mysql {

// Makes types and keys fit one another: a column that a unique or a foreign key is over becomes no
// longer than such a key takes, and other keys are over the beginning of long values. Keys over
// documents are left out.
void FitToKeys(const sql::postgres::Definition& table, sql::Flavour to,
               std::vector<PlannedColumn>& columns, std::vector<PlannedKey>& keys,
               sql::NoteTaker& notes);

// Makes the longest columns TEXT that no key is over, as far as a row has no room for all; refuses
// a table whose rows have none whatever they become.
void FitToRow(const std::vector<PlannedKey>& keys, const sql::postgres::Definition& table,
              sql::Flavour to, std::vector<PlannedColumn>& columns, sql::NoteTaker& notes);

}  // namespace godwit::connectors::mysql
