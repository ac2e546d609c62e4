#pragma once

#include <string>
#include <vector>

#include "portal/metrics_text.h"
#include "server/subtask.h"

namespace godwit::portal {

// What a worker tells Prometheus of what it runs.
std::string WorkerMetrics(const std::vector<server::Subtask::Standing>& subtasks);

}  // namespace godwit::portal
