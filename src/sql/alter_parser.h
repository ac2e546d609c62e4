#pragma once

#include "base/status.h"
#include "sql/statement.h"
#include "sql/token_cursor.h"

namespace godwit::sql {

// Reads ALTER TABLE from behind its word TABLE.
base::StatusOr<AlterTable> ParseAlterTable(TokenCursor& cursor);

// Passes over WAIT n or NOWAIT where it stands.
base::Status SkipWait(TokenCursor& cursor);

// Passes over `ALGORITHM [=] x` or `LOCK [=] x`; false: neither stands here.
base::StatusOr<bool> SkipAlgorithmOrLock(TokenCursor& cursor);

}  // namespace godwit::sql
