#pragma once

#include "base/status.h"
#include "connector/destination.h"
#include "connectors/postgres/apply/absent_keys.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/state/state_store.h"

namespace godwit::connectors::postgres {

// Executes a DDL of the log and records it as done, in one transaction: statements that change
// definitions are part of transactions here, so that after a crash either both are in or neither.
// What Destination::ApplyDdl says holds. `keys`: executed around whatever is executed.
base::StatusOr<connector::DdlOutcome> ExecuteDdl(Connection& target, const StateStore& store,
                                                 const model::DdlChange& ddl,
                                                 const model::Position& position,
                                                 int64_t commit_time_us,
                                                 const std::vector<connector::TableState>& tables,
                                                 const connector::DdlOrder& order,
                                                 const KeysAround& keys);

}  // namespace godwit::connectors::postgres
