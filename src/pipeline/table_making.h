#pragma once

#include <stop_token>

#include "base/status.h"
#include "config/task.h"
#include "connector/destination.h"
#include "connector/source.h"
#include "pipeline/task_tables.h"

namespace godwit::pipeline {

// Makes the target's tables that are yet to be made, and plans the copy of each. Everything that
// stands in the way is found before the first is made. Saves the states that it changes; may be
// repeated. kFailedPrecondition: a table is there already and is not what the task file lets it be.
// kCancelled when `stop` was asked for.
base::Status MakeTables(const config::Task& task, connector::Source& source,
                        connector::Destination& destination, TaskTables& tables,
                        const std::stop_token& stop);

}  // namespace godwit::pipeline
