#pragma once

#include <optional>
#include <stop_token>
#include <vector>

#include "base/status.h"
#include "config/task.h"
#include "connector/destination.h"
#include "connector/source.h"
#include "pipeline/progress.h"
#include "pipeline/task_tables.h"

namespace godwit::pipeline {

struct StreamGoal {
  model::Position after;  // where to begin: the checkpoint
  model::Position
      idempotent_until;   // before this the target may be ahead of the log; empty: it is not
  model::Position until;  // return when this is applied; empty: go on until stopped
  std::optional<connector::OpenGroup> open_group;  // right after `after`
  bool views_later = false;  // what the log says of views is left out: they are made afterwards
  std::vector<model::SchemaDefault> schemas = {};  // as in connector::StreamStart
  model::Position catalog_read = {};
  // After a stop: the group in hand is given up, whatever the target is at.
  std::stop_token cut_off = {};
};

// Applies the source's changes in groups, each merged while the one before it is being written.
// Returns OK when `goal.until` is applied, kCancelled when stopped, with the group in hand applied
// and saved, kAborted when a DDL has brought a table into the task that has to be copied first
// (the state says so), or the first error, when the target stands at its last checkpoint. `tables`
// follows the DDL of the log.
base::Status StreamChanges(const config::Task& task, connector::Source& source,
                           connector::Destination& destination, TaskTables& tables,
                           const StreamGoal& goal, Progress& progress, std::stop_token stop);

}  // namespace godwit::pipeline
