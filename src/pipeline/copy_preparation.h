#pragma once

#include "base/status.h"
#include "connector/destination.h"
#include "connector/source.h"
#include "pipeline/copy_queue.h"
#include "pipeline/progress.h"
#include "pipeline/task_tables.h"

namespace godwit::pipeline {

// Before a copy is begun or gone on with: reads the definitions of tables that have come into the
// task since, and makes tables be copied anew whose copy means nothing without that of others
// (copy_order.h). Saves the states that it changes. kFailedPrecondition: a table would have to be
// copied anew that the target had before the task.
base::Status PrepareCopies(connector::Source& source, connector::Destination& destination,
                           const connector::TableFilter& filter, TaskTables& tables,
                           Progress& progress);

// Tables that are to be made and are not in the source's catalogue have gone since their
// definitions were read: PrepareCopies looks for them again.
void ForgetGone(const connector::Catalog& catalog, TaskTables& tables);

// The schemas of the tables that are still to be made. Others may have come after the place in the
// log where the task is, which will make them.
std::vector<connector::CatalogSchema> SchemasToCopyInto(const connector::Catalog& catalog,
                                                        const TaskTables& tables);

// How large the tables are that this copy is about, as the source guesses, and in `progress` how
// large all of them are. Tables that are in the stream already are left out.
TableSizes SizesToCopy(const connector::Catalog& catalog, const TaskTables& tables,
                       Progress& progress);

}  // namespace godwit::pipeline
