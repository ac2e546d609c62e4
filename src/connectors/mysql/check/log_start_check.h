#pragma once

#include <cstdint>

#include "connector/check_list.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/server.h"
#include "model/position.h"

namespace godwit::connectors::mysql {

// Of a task that is to begin where the user says: whether the source has the log from there on.
// `replica_id`: as of CheckLogReach.
void CheckLogStart(const Server& server, Connection& source, const model::Position& start,
                   uint32_t replica_id, connector::CheckList& list);

}  // namespace godwit::connectors::mysql
