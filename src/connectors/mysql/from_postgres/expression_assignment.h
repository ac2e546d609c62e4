#pragma once

#include <string>

#include "connectors/mysql/from_postgres/expression_syntax.h"
#include "connectors/mysql/from_postgres/expression_value.h"

namespace godwit::connectors::mysql {

// `value` as PostgreSQL's assignment to `column` makes it, which is `here` on the target. What
// PostgreSQL converts on the way does not show in the expression. kUnimplemented: the target's
// assignment would make another value of it.
base::StatusOr<std::string> Assigned(const ExpressionValue& value,
                                     const sql::postgres::ColumnDefinition& column,
                                     const sql::ColumnDefinition& here);

// What stands after DEFAULT where all of the default is the current time: of the session's time
// zone, or of UTC for a column that holds times in UTC. Empty: it is something else.
std::string TimeDefault(const ExpressionScope& scope, const ExpressionNode& node,
                        const sql::postgres::ColumnDefinition& column,
                        const sql::ColumnDefinition& here);

}  // namespace godwit::connectors::mysql
