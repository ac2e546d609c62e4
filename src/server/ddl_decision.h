#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/task.h"
#include "connector/task_state.h"

namespace godwit::server {

// What a task's target says of DDL that was not executed as it stood.
struct DdlStanding {
  std::optional<connector::PendingDdl> waiting;  // for the operator, or its decision for a run
  std::vector<connector::DdlRecord> records;     // oldest first
};

// Reads it; changes nothing and takes no lock.
base::StatusOr<DdlStanding> ReadDdl(const config::Task& task);

// Writes down what is to become of the DDL that waits; the next run does it. `replacement`: the
// statements of kReplace. kFailedPrecondition: none waits, or the task is running (its locks are
// taken meanwhile).
base::Status DecideDdl(const config::Task& task, const std::string& state_dir,
                       connector::DdlVerb verb, const std::vector<std::string>& replacement);

}  // namespace godwit::server
