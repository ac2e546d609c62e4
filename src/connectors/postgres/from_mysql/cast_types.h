#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/casts.h"
#include "connectors/postgres/from_mysql/from_mysql_types.h"
#include "sql/translate_column.h"

namespace godwit::connectors::postgres {

// "timestamp(3) without time zone" of "timestamp without time zone" and 3.
std::string InstantType(std::string_view base, uint32_t digits);

// The type that a rule of the task file gives a column, as format_type writes it. Empty, with a
// note that refuses: there is no such type, or values of the column do not become it without loss
// that nobody would see.
std::string CastColumn(const PlannedColumn& column, const config::CastRule& rule,
                       sql::NoteTaker& notes);

}  // namespace godwit::connectors::postgres
