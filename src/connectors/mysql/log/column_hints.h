#pragma once

#include <vector>

#include "base/status.h"
#include "model/table.h"
#include "wire/mysql/row_layout.h"
#include "wire/mysql/table_map.h"

namespace godwit::connectors::mysql {

// What the row decoder has to know of a table's columns beyond its table map, which may have more
// of them at its end: the hashes of unique keys too long for an index.
std::vector<wire::mysql::ColumnHint> ColumnHints(const wire::mysql::TableMap& map,
                                                 const model::Table& table);

// Whether a table map can be of the definition that the schema history has for this place of the
// log: the number of columns, the kind of each and, where the log says them, their names. Whether
// its history can be followed at all. kFailedPrecondition, naming the first difference, if not.
base::Status CheckAgainstDefinition(const wire::mysql::TableMap& map, const model::Table& table);

}  // namespace godwit::connectors::mysql
