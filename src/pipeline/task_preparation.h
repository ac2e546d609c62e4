#pragma once

#include "base/status.h"
#include "config/task.h"
#include "connector/destination.h"
#include "connector/source.h"
#include "connector/task_state.h"

namespace godwit::pipeline {

// Begins a task: where its log is read from, and then what there is (R1). Fills `state`, whose
// tables may be those of an earlier run, and saves the tables' states; the caller saves the rest
// with the phase that follows.
base::Status PrepareTask(const config::Task& task, connector::Source& source,
                         connector::Destination& destination, connector::TaskState& state);

}  // namespace godwit::pipeline
