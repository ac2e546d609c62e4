#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/task.h"
#include "connector/task_state.h"

namespace godwit::server {

struct PlannedTable {
  std::string name;
  uint64_t estimated_rows = 0, estimated_bytes = 0;  // as the source's server estimates them
  uint64_t ranges = 0, chunks = 0;                   // of its copy; 0: nothing of it is copied
  bool one_snapshot =
      false;  // copied in one piece, since rows of it cannot be told apart or follow a parent's
  std::vector<std::string> notes;  // what of it is another on the target, which is of another kind
  std::string conflict;            // why it cannot be made on the target; empty: it can
};

// What a run of a task would do.
struct TaskPlan {
  // The phase from which a task that has begun goes on; it makes nothing that it has made already.
  std::optional<connector::TaskPhase> goes_on_from;
  std::vector<PlannedTable> tables;
  // DDL in the order of its execution: before the copy, as each table's rows are in, and after all.
  std::vector<std::string> before_copy, after_table, after_copy;

  bool has_conflicts() const {
    for (const PlannedTable& table : tables) {
      if (!table.conflict.empty()) return true;
    }
    return false;
  }
};

// Asks both servers; changes nothing.
base::StatusOr<TaskPlan> PlanTask(const config::Task& task);

}  // namespace godwit::server
