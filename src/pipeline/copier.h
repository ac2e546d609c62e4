#pragma once

#include <stop_token>

#include "base/status.h"
#include "config/task.h"
#include "connector/destination.h"
#include "connector/source.h"
#include "pipeline/copy_order.h"
#include "pipeline/copy_queue.h"
#include "pipeline/progress.h"
#include "pipeline/task_tables.h"

namespace godwit::pipeline {

// Cuts a table into ranges and makes it one to be copied.
base::Status PlanCopy(connector::Source& source, const connector::CatalogTable& table, int parts,
                      connector::TableState& state);

// The same for a table of `tables`, whose circles these are: in one range where it has to be read
// with others.
base::Status PlanCopy(connector::Source& source, const TaskTables& tables,
                      const TableCircles& circles, const model::TableName& name, int parts,
                      connector::TableState& state);

// Copies every table that is not copied yet, its keys built after its rows, by `copy.threads` pairs
// of a reader and a writer. Returns when all tables are copied, with their states saved, or with
// the first error, when every chunk that was committed stays. kAborted: what was changed in the
// states has to be seen to by PrepareCopies first. kCancelled when `stop` was asked for.
// `t0`: where the task's change stream begins. `sizes` say what to begin with.
base::Status CopyTables(const config::Task& task, connector::Source& source,
                        const model::Position& t0, connector::Destination& destination,
                        TaskTables& tables, const TableSizes& sizes, Progress& progress,
                        std::stop_token stop);

}  // namespace godwit::pipeline
