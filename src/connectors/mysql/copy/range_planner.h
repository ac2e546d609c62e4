#pragma once

#include <vector>

#include "connector/chunk.h"
#include "connectors/mysql/connection/connection.h"

namespace godwit::connectors::mysql {

// Cuts a table into at most `parts` ranges of its key, by looking up the key at evenly spaced
// values of its first column that varies: a few index look-ups, whatever the size of the table. The
// ranges may be uneven where the values are; readers take them up in pieces.
base::StatusOr<std::vector<connector::KeyRange>> PlanRanges(Connection& connection,
                                                            const model::Table& table, int parts);

}  // namespace godwit::connectors::mysql
