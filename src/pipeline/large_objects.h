#pragma once

#include <stop_token>

#include "base/status.h"
#include "config/task.h"
#include "connector/destination.h"
#include "connector/source.h"
#include "pipeline/progress.h"

namespace godwit::pipeline {

// Brings the target's large objects to what the source's are now, where the task asks for them.
// May be repeated; what is alike is only compared. kCancelled when `stop` was asked for.
base::Status CopyLargeObjects(const config::Task& task, connector::Source& source,
                              connector::Destination& destination, Progress& progress,
                              const std::stop_token& stop);

}  // namespace godwit::pipeline
