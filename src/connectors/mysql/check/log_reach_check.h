#pragma once

#include <cstdint>

#include "connector/check.h"
#include "connector/check_list.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/server.h"
#include "connectors/mysql/connection/server_settings.h"

namespace godwit::connectors::mysql {

// Of a task that has run before: whether the source still has the log from where the task stands,
// and when it is free to delete that. `replica_id`: to ask for a file of the log under, on a
// connection of its own; nobody else's.
void CheckLogReach(const Server& server, Connection& source, const Settings& settings,
                   const connector::CheckScope& scope, uint32_t replica_id,
                   connector::CheckList& list);

}  // namespace godwit::connectors::mysql
