#pragma once

#include <string>
#include <vector>

#include "sql/alter_action.h"
#include "sql/definition.h"

namespace godwit::sql {

// Whose work the rows of an altered table are on the source.
enum class RowsBy : uint8_t {
  kStatement,  // the same ALTER TABLE, at the same time by its clock and under the same settings
  kStatementAtOffset,  // the same, in a time zone that at other times may be another one
  kCopy,  // a tool's, which copied the rows column by column into a table that was there
};

// Why an ALTER TABLE that makes `after` of `before` on another server could give rows other values
// than they have on the source: new columns whose default is not the same everywhere, numbers given
// by AUTO_INCREMENT. Empty: it gives the same. `origins` as Origins gives them (rename.h).
std::string WhyValuesDiffer(const TableDefinition& before, const TableDefinition& after,
                            const std::vector<std::string>& origins, RowsBy by);

// The same of ALTER IGNORE TABLE with these clauses, which keeps one of some rows: the first.
std::string WhyOtherRowsStay(const TableDefinition& before,
                             const std::vector<AlterAction>& actions);

}  // namespace godwit::sql
