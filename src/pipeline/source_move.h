#pragma once

#include <string>

#include "base/status.h"
#include "connector/destination.h"
#include "connector/source.h"
#include "connector/task_state.h"

namespace godwit::pipeline {

// What a task that stands so needs of its source's log.
connector::LogNeed NeedOf(const connector::TaskState& state);

// Has the state speak of `server`, which the source has settled on for what NeedOf says, and saves
// that; changes nothing where it is the one that it speaks of already. Says in words what becomes
// of the task; empty: it is the same server.
//
// Where no table has been copied to the end yet, the task begins anew there, with the phase
// kPreparing: what chunks of the earlier server may have held, the new one may lack. Later on the
// changes go on from where the target stands, and tables that are on their way are copied again.
//
// kFailedPrecondition: something was under way on the target that only the earlier server's log
// can end.
base::StatusOr<std::string> GoOnAt(const connector::SettledServer& server,
                                   connector::Destination& destination,
                                   connector::TaskState& state);

}  // namespace godwit::pipeline
