#pragma once

#include "connector/catalog.h"
#include "connector/check.h"
#include "connectors/mysql/connection.h"

namespace godwit::connectors::mysql {

// What a source must have for a migration, one item each. `replica_id` is the id that the change stream will use.
base::StatusOr<connector::CheckReport> CheckSource(Connection& source, const connector::TableFilter& filter, uint32_t replica_id);

}  // namespace godwit::connectors::mysql
