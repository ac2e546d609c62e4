#pragma once

#include <span>

#include "base/status.h"
#include "sql/alter_action.h"
#include "sql/definition.h"

namespace godwit::sql {

// The columns after ALTER TABLE: dropped, changed, renamed, added and moved; and charset conversion
// where the actions have it. kFailedPrecondition as ApplyActions.
base::StatusOr<std::vector<ColumnDefinition>> AlterColumns(const TableDefinition& definition,
                                                           std::span<const AlterAction> actions,
                                                           const CharsetChoice& schema_default);

}  // namespace godwit::sql
