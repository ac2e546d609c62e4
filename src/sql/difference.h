#pragma once

#include <string>
#include <vector>

#include "sql/definition.h"

namespace godwit::sql {

// One ALTER TABLE.
struct Alter {
  std::vector<std::string> clauses;
  std::string partitioning;  // PARTITION BY or REMOVE PARTITIONING, which stands after all clauses
  std::string refused;       // why the server could not have such a table; empty: it can
  // Why no statement is known that makes it of the rows, so that these have to be copied again;
  // empty: this one does.
  std::string unknown;

  // Empty: there is nothing to be done.
  std::string Text(const model::TableName& table) const;
};

// The ALTER TABLE that makes `after` of a table that is `before`, both complete and of one kind of
// server, on a server of kind `to`, where they are what Translate makes of them. `origins` as
// Origins gives them (rename.h). What the statement does is found out by what is known of ALTER
// TABLE, and has to be what was asked for. A new name is not part of it.
Alter MakeAlter(const TableDefinition& before, const TableDefinition& after,
                const std::vector<std::string>& origins, Flavour to);

}  // namespace godwit::sql
