#pragma once

#include "connector/check.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/server.h"

namespace godwit::connectors::mysql {

// What a source must have for a migration, one item each (docs/checks.md). `server` is where
// `source` leads to; `replica_id` is the id that the change stream will use. `relay_has_log`: where
// the task stands, so that the server need not have it any more.
connector::CheckReport CheckSource(const Server& server, Connection& source,
                                   const connector::CheckScope& scope, uint32_t replica_id,
                                   bool relay_has_log);

}  // namespace godwit::connectors::mysql
