#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/definition.h"

namespace godwit::sql {

struct ColumnRename {
  std::string from, to;
};

// For each column of `after` the name that it has in `before`: by `renames`, or its own; empty: it
// is new, as are those of `added`, whatever their names were.
std::vector<std::string> Origins(const TableDefinition& before, const TableDefinition& after,
                                 const std::vector<ColumnRename>& renames,
                                 const std::vector<std::string>& added = {});

// The new name of a column, or its old one where it is not among `renames`.
const std::string& NewName(const std::vector<ColumnRename>& renames, const std::string& column);

// The expression with columns under their new names; all renames happen at once, so that names may
// be swapped.
std::string RenameInExpression(const std::string& expression,
                               const std::vector<ColumnRename>& renames);

// Renames the columns where a definition refers to them: keys, foreign keys, checks, periods,
// partitioning; not the columns themselves. Foreign keys of other tables are renamed by
// RenameInParents.
void RenameReferences(TableDefinition& definition, const std::vector<ColumnRename>& renames);

// Whether the expression names the column.
bool RefersTo(const std::string& expression, std::string_view column);

// Renames the columns of `parent` that foreign keys of `definition` refer to; whether there were
// any.
bool RenameInParents(TableDefinition& definition, const model::TableName& parent,
                     const std::vector<ColumnRename>& renames);

}  // namespace godwit::sql
