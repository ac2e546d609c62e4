#pragma once

#include <optional>
#include <span>
#include <string>

#include "sql/definition.h"
#include "sql/rename.h"

namespace godwit::sql {

// One ALTER TABLE, in the dialect of the definitions, that makes `to` of a table that is `from`,
// its rows kept as a tool keeps them that copies columns by name: `renames` are those that got
// another one. Empty: they are the same but for the next AUTO_INCREMENT. Nothing where no statement
// is known to do it, or where the rows would get values that a copy made elsewhere would not have
// (defaults that are not constant, numbers given by AUTO_INCREMENT, times across zones).
//
// Both complete, of the same flavour; the name is that of `to`.
std::optional<std::string> WriteAlter(const TableDefinition& from, const TableDefinition& to,
                                      std::span<const ColumnRename> renames);

}  // namespace godwit::sql
