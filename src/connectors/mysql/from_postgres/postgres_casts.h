#pragma once

#include "config/casts.h"
#include "connectors/mysql/from_postgres/from_postgres_types.h"
#include "sql/flavour.h"
#include "sql/translate_column.h"

namespace godwit::connectors::mysql {

// Gives a column the type that a rule of the task file says. False, with a note that refuses: there
// is no such type, or values of the column do not become it without loss that nobody would see.
bool CastColumn(PlannedColumn& column, const config::CastRule& rule, sql::Flavour to,
                sql::NoteTaker& notes);

}  // namespace godwit::connectors::mysql
