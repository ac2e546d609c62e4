#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "model/change.h"
#include "pipeline/task_tables.h"

// Tables that the target had before the task hold rows of its own (TableState::kept): they are
// never dropped for a new copy. Where one has to be copied again, the operator has to drop it
// first.
namespace godwit::pipeline {

// kFailedPrecondition: the target still has the table, which has to be copied again because of
// `why`.
base::Status ExpectDropped(connector::Destination& destination, const model::TableName& name,
                           const std::string& why);

// Why the DDL is not to be executed yet: it, or a copy that it asks for, would have a kept table
// copied again that the target still has. Empty: nothing is in the way. `changed` are the tables
// that `tables` gave when it followed the DDL.
base::StatusOr<std::string> WhyKeptInTheWay(const model::DdlChange& ddl,
                                            const std::vector<connector::TableState>& changed,
                                            const TaskTables& tables,
                                            connector::Destination& destination);

}  // namespace godwit::pipeline
