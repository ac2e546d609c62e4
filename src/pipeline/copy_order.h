#pragma once

#include <map>
#include <set>
#include <vector>

#include "connector/source.h"
#include "model/table.h"
#include "pipeline/task_tables.h"

// Foreign keys that act (CASCADE, SET NULL, SET DEFAULT) change rows without the log saying so, and
// what they did has to be found out from the rows of the tables between. That asks three things of
// the copy.
namespace godwit::pipeline {

using TableOrder = std::map<model::TableName, std::set<model::TableName>>;

// Whether all of a table's rows have to be read in one snapshot, not chunk by chunk: where a key
// gives its rows new values (ON UPDATE CASCADE), a row read later may have its value from a change
// that a row read earlier has yet to see, and the log would not put right what is then done to it.
// So too where a key of its own acts on it, and where its changes have to be made in order.
bool NeedsOneSnapshot(const model::Table& table);

// kFailedPrecondition: a key of the table, whose definition has just been read, acts over a parent
// that the filter does not know, and the source's log does not hold what it does.
base::Status RefuseKeysFromOutside(connector::Source& source, const connector::TableFilter& filter,
                                   const model::Table& table);

// Tables that lead back to each other over keys that act: each has to be read with the rows that
// the others had at the same moment, so all of a circle are read in one snapshot.
using TableCircles = std::vector<std::set<model::TableName>>;
TableCircles Circles(const TaskTables& tables);
bool IsInCircle(const TableCircles& circles, const model::TableName& name);

// For each table, those that have to be copied whole before its copy begins: the parents whose keys
// act on it. What the log says of a parent counts from the parent's own copy on; from the child's
// on, what it does to the child must be among that, and all rows that it does it through be there.
// Those of its own circle, which have its token, are left out.
TableOrder CopiedBefore(const TaskTables& tables);
// The same, from the parents' side, with those of their own circle.
TableOrder CopiedAfter(const TaskTables& tables);

}  // namespace godwit::pipeline
