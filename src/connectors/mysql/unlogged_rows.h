#pragma once

#include <functional>

#include "sql/statement.h"

// Statements that give tables rows, or take them away, of which the log holds no more than the
// statement.
namespace godwit::connectors::mysql {

enum class UnloggedRows : uint8_t {
  kNone,     // the target comes to the same rows by the statement itself
  kGoing,    // they go for others that are to come: DISCARD TABLESPACE
  kFromFar,  // they came from files, or from or to a table that the target has not
};

// `has`: whether the target has a table.
UnloggedRows UnloggedRowsOf(const sql::Statement& statement,
                            const std::function<bool(const model::TableName&)>& has);

}  // namespace godwit::connectors::mysql
