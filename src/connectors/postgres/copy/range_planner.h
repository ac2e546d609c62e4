#pragma once

#include <vector>

#include "base/status.h"
#include "connector/chunk.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/definition/definition.h"

namespace godwit::connectors::postgres {

// Cuts a table into at most `parts` ranges of its key with about as many rows each, by the keys on
// a few hundred of its pages, picked at random.
base::StatusOr<std::vector<connector::KeyRange>> PlanRanges(Connection& connection,
                                                            const model::TableName& name,
                                                            const model::Table& table, int parts);

}  // namespace godwit::connectors::postgres
