#pragma once

#include <stop_token>
#include <string>

#include "config/task.h"
#include "server/task_run.h"

namespace godwit::server {

// Runs a task in this process over the store in `state_dir`, which keeps how it stands for others
// to see. Refuses a task that another process runs on the same state directory or target.
// `listener` is borrowed.
RunResult RunLocally(const config::Task& task, const TaskRunOptions& options,
                     const std::string& state_dir, RunListener& listener, std::stop_token stop);

}  // namespace godwit::server
