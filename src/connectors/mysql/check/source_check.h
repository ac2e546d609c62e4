#pragma once

#include "config/endpoint.h"
#include "connector/check.h"
#include "connectors/mysql/connection/connection.h"

namespace godwit::connectors::mysql {

// What a source must have for a migration, one item each (docs/checks.md). `endpoint` is where
// `source` leads to; `replica_id` is the id that the change stream will use.
connector::CheckReport CheckSource(const config::Endpoint& endpoint, Connection& source,
                                   const connector::CheckScope& scope, uint32_t replica_id);

}  // namespace godwit::connectors::mysql
