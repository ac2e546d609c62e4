#pragma once

#include <stop_token>

#include "base/status.h"
#include "config/task.h"
#include "connector/destination.h"
#include "connector/source.h"
#include "pipeline/progress.h"

namespace godwit::pipeline {

struct RunOptions {
  bool until_caught_up = false;
  bool restart = false;  // begin anew, in place of the tables that the task has made
  // The same, once for each order: unless this one, or a later and greater one, has been carried
  // out before, which the target remembers with all else of the task. 0: none.
  uint64_t restart_order = 0;
  // In a cluster: greater each time that the task is given to a worker. The run takes the task over
  // from those with lesser ones, whatever has become of them. 0: a run outside of one.
  uint64_t generation = 0;
};

// Takes a task through its phases, from wherever the target says that it stands: schema, copy,
// changes. An error that may pass is waited out for `retry_for`, and the work taken up again from
// the target's state.
//
// OK: all that was asked for is done. kCancelled: stopped, with everything saved. Any other: the
// operator is needed; the target's state is what was last committed.
base::Status RunTask(const config::Task& task, connector::Source& source,
                     connector::Destination& destination, const RunOptions& options,
                     Progress& progress, std::stop_token stop);

}  // namespace godwit::pipeline
