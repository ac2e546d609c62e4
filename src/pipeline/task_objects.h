#pragma once

#include <vector>

#include "base/status.h"
#include "config/task.h"
#include "connector/destination.h"
#include "connector/source.h"
#include "pipeline/task_tables.h"

// Views, routines, events, triggers and sequences, each made as it is on the source when its turn
// comes. Errors are those of Destination::CreateObjects.
namespace godwit::pipeline {

// All that the task migrates besides tables, asked for or not, but for the values of sequences that
// come with their tables.
std::vector<connector::ObjectKind> ObjectKindsOf(const config::Task& task,
                                                 const connector::Source& source);
// Else it is made after the tables.
bool ComesBeforeTables(const connector::CatalogObject& object);

// Before the tables: what they may be made of, such as types and routines, and sequences that their
// defaults ask. The values of these come with CreateLastObjects.
base::Status CreateObjectsBeforeTables(const config::Task& task, connector::Source& source,
                                       connector::Destination& destination);

// What may keep a table from being made anew that it was made of, where the source's kind of server
// has that: of the task's objects those that come with CreateObjectsAfterTables.
base::StatusOr<std::vector<connector::CatalogObject>> ObjectsOfTables(const config::Task& task,
                                                                      connector::Source& source);

// Once the tables are as the source's were at one moment: views, and what the task asks for of
// events and, where these have not come before the tables, routines.
base::Status CreateObjectsAfterTables(const config::Task& task, connector::Source& source,
                                      connector::Destination& destination,
                                      const TaskTables& tables);

// When the last change has been applied: what triggers do is in the log already, so that they are
// there only while no changes are applied; tables that are partitions are put together; sequences
// are given the values that they have by now.
base::Status CreateLastObjects(const config::Task& task, connector::Source& source,
                               connector::Destination& destination);
// Before more rows are written: triggers, and what is made of partitioned tables that were put
// together; these themselves are Destination::HoldKeysBack's.
base::Status DropLastObjects(const config::Task& task, connector::Source& source,
                             connector::Destination& destination);

}  // namespace godwit::pipeline
