#pragma once

#include <vector>

#include "connector/catalog.h"
#include "model/table.h"

namespace godwit::connector {

// Those of a table's foreign keys that change its rows when a table changes that is outside of the
// task, which the log may not hold (Source::LogsWhatKeysDo). What a tool for online schema changes
// leaves of a table is not meant: nobody writes to it.
std::vector<model::ForeignKey> KeysFromOutside(const TableFilter& filter,
                                               const std::vector<model::ForeignKey>& keys);

}  // namespace godwit::connector
