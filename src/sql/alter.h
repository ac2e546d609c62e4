#pragma once

#include <span>
#include <vector>

#include "base/status.h"
#include "sql/alter_action.h"
#include "sql/definition.h"
#include "sql/rename.h"

namespace godwit::sql {

// What ALTER TABLE with these actions makes of a complete definition: a complete one again, under
// the same name (RenameTo and the other tables of partition actions are the tracker's). The actions
// work together, as on the server: dropped and changed columns and keys are looked up by their old
// names, new ones and AFTER by the new names. kFailedPrecondition where a column or a key that must
// exist does not.
base::StatusOr<TableDefinition> ApplyActions(const TableDefinition& definition,
                                             std::span<const AlterAction> actions,
                                             const CharsetChoice& schema_default);

// The columns that the actions give another name.
std::vector<ColumnRename> RenamedColumns(std::span<const AlterAction> actions);

// Origins (rename.h) by the actions that made `after` of `before`.
std::vector<std::string> OriginsOf(std::span<const AlterAction> actions,
                                   const TableDefinition& before, const TableDefinition& after);

}  // namespace godwit::sql
