#pragma once

#include <map>
#include <string>
#include <vector>

#include "connectors/postgres/definition/definition.h"
#include "connectors/postgres/definition/definition_text.h"

namespace godwit::connectors::postgres {

// Something gets another name.
struct NewName {
  enum class Of { kTable, kConstraint, kIndex } of;
  model::TableName from, to;   // of constraints and indexes with their table's new schema
  model::TableName table;      // of constraints: as it is called by then
  bool may_be_absent = false;  // as keys are that are yet to be built
};
// The statements, in an order in which no name is taken before it is free: where names go round,
// over names that nobody has.
std::vector<std::string> RenameStatements(const std::vector<NewName>& names);

// What the table, its partitions and their columns are called by now, where that is another name;
// by the names that they had.
std::map<model::TableName, Renames> NamesSince(const Definition& before, const Definition& now);

// Gives the table's foreign keys the names that NamesSince has of their parents. False: all are as
// they were.
bool TakeNewParents(const std::map<model::TableName, Renames>& names, Definition& table);

}  // namespace godwit::connectors::postgres
