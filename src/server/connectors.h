#pragma once

#include <memory>

#include "base/status.h"
#include "config/task.h"
#include "connector/destination.h"
#include "connector/source.h"

namespace godwit::server {

// The connectors for a task's two ends, chosen by the schemes of their urls; not connected yet. The
// only place that knows which connectors there are.
base::StatusOr<std::unique_ptr<connector::Source>> MakeSource(const config::Task& task);
base::StatusOr<std::unique_ptr<connector::Destination>> MakeDestination(const config::Task& task);

}  // namespace godwit::server
