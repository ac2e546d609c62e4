#pragma once

#include <string>
#include <vector>

#include "portal/metrics_text.h"
#include "server/source_relays.h"
#include "server/subtask.h"

namespace godwit::portal {

// What a worker tells Prometheus of what it runs. Of a subtask's tables a bounded number have
// series of their own (pipeline::TableBoard::kMostSeries), and all others one together.
std::string WorkerMetrics(const std::vector<server::Subtask::Standing>& subtasks,
                          const std::vector<server::RelayStanding>& relays);

}  // namespace godwit::portal
