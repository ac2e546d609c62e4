#pragma once

#include "base/status.h"
#include "sql/statement.h"
#include "sql/token_cursor.h"

namespace godwit::sql {

// Reads as much as OtherStatement holds of a statement that defines no table, from its first word;
// the rest is not looked at. kInvalidArgument for a statement that is not known.
base::StatusOr<OtherStatement> ParseOther(TokenCursor& cursor);

// The kind of object that stands here after CREATE, ALTER or DROP; nothing where it is none of
// OtherStatement's.
std::optional<OtherKind> OtherObjectKind(const TokenCursor& cursor);

// Reads `object-word [IF [NOT] EXISTS] name ...` of such an object.
base::StatusOr<OtherStatement> ParseOtherObject(TokenCursor& cursor, OtherKind kind);

}  // namespace godwit::sql
