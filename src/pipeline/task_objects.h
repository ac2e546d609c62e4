#pragma once

#include "base/status.h"
#include "config/task.h"
#include "connector/destination.h"
#include "connector/source.h"
#include "pipeline/task_tables.h"

// Views, routines, events, triggers and sequences, each made as it is on the source when its turn
// comes. Errors are those of Destination::CreateObjects.
namespace godwit::pipeline {

// Before the tables: types that their columns have, and sequences that their defaults ask. The
// values of these come with CreateLastObjects.
base::Status CreateObjectsBeforeTables(const config::Task& task, connector::Source& source,
                                       connector::Destination& destination);

// Once the tables are as the source's were at one moment: views, and what the task asks for of
// routines and events.
base::Status CreateObjectsAfterTables(const config::Task& task, connector::Source& source,
                                      connector::Destination& destination,
                                      const TaskTables& tables);

// When the last change has been applied: what triggers do is in the log already, so that they are
// there only while no changes are applied; sequences are given the values that they have by now.
base::Status CreateLastObjects(const config::Task& task, connector::Source& source,
                               connector::Destination& destination);
// Before more changes are applied.
base::Status DropTriggers(const config::Task& task, connector::Source& source,
                          connector::Destination& destination);

}  // namespace godwit::pipeline
