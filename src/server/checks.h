#pragma once

#include "base/status.h"
#include "config/task.h"
#include "pipeline/task_check.h"

namespace godwit::server {

// Everything that is looked at before a task runs (pipeline/task_check.h). Changes nothing.
base::StatusOr<connector::CheckReport> CheckTask(const config::Task& task);

}  // namespace godwit::server
