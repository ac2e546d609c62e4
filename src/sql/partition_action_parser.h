#pragma once

#include <vector>

#include "base/status.h"
#include "sql/statement.h"
#include "sql/token_cursor.h"

// What ALTER TABLE does to partitions. Each adds what it reads to `actions`.
namespace godwit::sql {

// Reads `ADD PARTITION ...` from behind these words.
base::Status ParseAddPartitions(TokenCursor& cursor, std::vector<AlterAction>& actions);

// Reads any other; false: none stands here.
base::StatusOr<bool> ParsePartitionAction(TokenCursor& cursor, std::vector<AlterAction>& actions);

}  // namespace godwit::sql
