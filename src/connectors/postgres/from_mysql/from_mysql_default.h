#pragma once

#include <string>

#include "connectors/postgres/from_mysql/from_mysql_types.h"
#include "sql/flavour.h"
#include "sql/translate_column.h"

namespace godwit::connectors::postgres {

// The default of a column as PostgreSQL reads it; empty: it has none, or it is left out with a
// note.
std::string DefaultFor(const PlannedColumn& column, sql::Flavour flavour, sql::NoteTaker& notes);

// The labels of an ENUM as a list: 'a', 'b'.
std::string LabelList(const PlannedColumn& column);

}  // namespace godwit::connectors::postgres
