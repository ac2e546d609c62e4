#pragma once

#include <string>
#include <vector>

#include "sql/definition.h"

namespace godwit::sql {

// The clauses of one ALTER TABLE that makes `after` of `before`, both complete and of the flavour
// to write: columns, keys, foreign keys, checks and the table's options; not its name, and not its
// partitions. `origins` has for each column of `after` the name that it has in `before`; empty: it
// is new, even where `before` has one of its name. Empty where nothing differs.
std::vector<std::string> AlterClauses(const TableDefinition& before, const TableDefinition& after,
                                      const std::vector<std::string>& origins);

}  // namespace godwit::sql
