#pragma once

#include <map>
#include <set>

#include "model/table.h"
#include "pipeline/task_tables.h"

// Foreign keys that act (CASCADE, SET NULL, SET DEFAULT) change rows without the log saying so, and
// what they did has to be found out from the rows of the tables between. That asks two things of
// the copy.
namespace godwit::pipeline {

bool Acts(const model::ForeignKey& key);

// Whether all of a table's rows have to be read in one snapshot: a key of its own acts on it.
bool NeedsOneSnapshot(const model::Table& table);

// For each table, those that have to be copied whole before its copy begins: the parents of its
// keys that act. What the log says of a parent before its copy is left out: were the parent copied
// after the child, a row of it deleted in between would leave its children behind. And where a
// parent may itself lose rows this way, none of them is missing while its children are still there.
// Parents that lead back to the table itself are left out.
std::map<model::TableName, std::set<model::TableName>> CopiedBefore(const TaskTables& tables);

}  // namespace godwit::pipeline
