#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/definition/definition.h"
#include "connectors/postgres/log/replica_identity.h"

// The publication of a task: of which tables the log's rows come with its slot.
namespace godwit::connectors::postgres {

// Makes it, in place of one of that name, whose note it keeps. kFailedPrecondition: changes of a
// table are in no log, or the log would not tell its rows, so that updates would fail on the
// source. kUnavailable: a table that is to be given a replica identity is in use for too long.
base::Status MakePublication(Connection& control, const std::string& name,
                             const std::vector<Definition>& tables, MissingIdentity missing);

// Drops it, if it is there. Tables that got a replica identity for it have what they had.
// kUnavailable as above.
base::Status DropPublication(Connection& control, const std::string& name);

}  // namespace godwit::connectors::postgres
