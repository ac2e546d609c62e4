#pragma once

#include "connector/check.h"
#include "connectors/mysql/connection.h"

namespace godwit::connectors::mysql {

// What a source must have for a migration, one item each (docs/checks.md). `replica_id` is the id
// that the change stream will use.
connector::CheckReport CheckSource(Connection& source, const connector::CheckScope& scope,
                                   uint32_t replica_id);

}  // namespace godwit::connectors::mysql
