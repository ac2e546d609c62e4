#pragma once

#include <string>

#include "model/table.h"
#include "sql/definition.h"

namespace godwit::connectors::mysql {

// Why another server would not come to have the same history of a system-versioned table; empty
// where it does, and for tables without history. `table` is what `definition` says.
std::string WhyHistoryCannotBeFollowed(const model::Table& table,
                                       const sql::TableDefinition& definition);

}  // namespace godwit::connectors::mysql
