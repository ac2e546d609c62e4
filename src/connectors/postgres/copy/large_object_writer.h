#pragma once

#include "base/status.h"
#include "connector/large_objects.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/state/state_store.h"

namespace godwit::connectors::postgres {

// As Destination::TakeLargeObjects. Which ones the task has made is kept with its state.
base::StatusOr<connector::LargeObjectCounts> TakeLargeObjects(
    Connection& target, const StateStore& store, connector::LargeObjectReader& source,
    const connector::LargeObjectOrder& order);

// How many the database has that the task has not made. `known`: it has state there.
base::StatusOr<uint64_t> CountOtherLargeObjects(Connection& target, const StateStore& store,
                                                bool known);

}  // namespace godwit::connectors::postgres
