#pragma once

#include <vector>

#include "base/status.h"
#include "config/endpoint.h"
#include "connector/destination.h"
#include "connector/task_state.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/state/state_store.h"
#include "model/change.h"

namespace godwit::connectors::mysql {

// Executes a DDL of the log so that a crash at any moment leaves it done once (R6): recorded as
// pending together with what the catalogue says of its objects, executed on a connection of its
// own, recorded as done. Found pending, it is waited for where the target is still at it, and
// executed only where the catalogue still says the same. An empty `position` (rows of the same
// transaction follow) leaves the checkpoint where it is.
//
// One that fails, or that the rules stop, is recorded as waiting, and is refused until the operator
// has decided (DecideDdl of the store); then what was decided is done, in the same way.
base::StatusOr<connector::DdlOutcome> ExecuteDdl(
    const config::Endpoint& endpoint, Connection& control, const StateStore& store,
    const model::DdlChange& ddl, const model::Position& position, int64_t commit_time_us,
    const std::vector<connector::TableState>& tables, const connector::DdlOrder& order);

}  // namespace godwit::connectors::mysql
