#pragma once

#include <stop_token>

#include "base/status.h"
#include "config/task.h"
#include "verify/verifier.h"

namespace godwit::server {

// Compares a task's two ends (verify/verifier.h). `progress` is written meanwhile, for others to
// read.
base::StatusOr<verify::VerifyReport> CompareTask(const config::Task& task,
                                                 verify::VerifyProgress& progress,
                                                 std::stop_token stop);

}  // namespace godwit::server
