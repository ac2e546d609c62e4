#pragma once

#include <functional>
#include <vector>

#include "model/table.h"
#include "sql/statement.h"

namespace godwit::connectors::mysql {

// The tables that a statement gives other names, in its order: RENAME TABLE, or an ALTER TABLE.
std::vector<sql::RenameTable::Pair> RenamesOf(const sql::Statement& statement);

// Where the tables of a task are, for PlanRename.
struct RenameScope {
  std::function<bool(const model::TableName&)> known;   // the target has the table
  std::function<bool(const model::TableName&)> wanted;  // a table of this name is in the task
  std::function<bool(const model::TableName&)>
      copied_later;  // wanted, and what the log does to it now its copy will have already
};

// What a change of names on the source asks of a target that has only some of the tables named.
struct RenamePlan {
  std::vector<sql::RenameTable::Pair> pairs;  // to be executed, as one statement
  std::vector<model::TableName> left_over;    // to be dropped after that, under these names
  std::vector<model::TableName> gone;         // tables that leave the task without being in `pairs`
  std::vector<model::TableName> joined;       // names in the task of tables the target has not
};

// A table that leaves the task stays on the target under the name it had, unless another table of
// the task takes that name, or its own new name is one that is `copied_later`.
RenamePlan PlanRename(const sql::RenameTable& rename, const RenameScope& scope);

}  // namespace godwit::connectors::mysql
