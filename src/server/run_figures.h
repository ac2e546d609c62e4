#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/progress.h"

namespace godwit::server {

// What a run tells of itself in figures, besides its status.
struct RunFigures {
  uint64_t copy_queue_bytes = 0, change_queue_bytes = 0;
  std::optional<double> applied_commit_seconds;  // Unix time, by the source's clock

  // How long changes took from the log to the target: counts by upper bound in seconds, each with
  // those of the bounds before it, and how many and how long in all.
  std::vector<std::pair<double, uint64_t>> latency;
  uint64_t latency_count = 0;
  double latency_seconds = 0;

  struct Table {
    std::string name;
    uint64_t copied_rows = 0, copied_bytes = 0, applied_changes = 0;
  };
  std::vector<Table> tables;  // pipeline::TableBoard::kMostSeries at most
  Table others;               // all others together; has no name
};

RunFigures FiguresOf(const pipeline::Progress& progress);

}  // namespace godwit::server
