#pragma once

#include "config/task.h"
#include "connector/destination.h"
#include "connector/source.h"

namespace godwit::pipeline {

// Everything that is looked at before a task runs, at both ends, in the order in which it is to be
// read. Changes nothing. A server that cannot be reached is a failed item. `restart`: the run
// begins anew, wherever the task stands.
connector::CheckReport CheckTask(const config::Task& task, connector::Source& source,
                                 connector::Destination& destination, bool restart = false);

// Whether any item failed.
bool HasFailures(const connector::CheckReport& report);

}  // namespace godwit::pipeline
