#pragma once

#include <span>
#include <string>

#include "connectors/postgres/from_mysql_expression.h"

namespace godwit::connectors::postgres {

// A call of a function of MySQL, by its name in lower case. An error as of
// TranslateMysqlExpression.
base::StatusOr<Expression> TranslateCall(const std::string& name, std::span<const Expression> args);

// Likewise, of those that take documents.
base::StatusOr<Expression> TranslateJsonCall(const std::string& name,
                                             std::span<const Expression> args);

// Of two values that are compared, or of which one is taken: the type that both have. An error:
// MySQL would make other values of them first.
base::StatusOr<ValueType> CommonType(const Expression& a, const Expression& b);

// How text is compared with `=`: by its bytes, where blanks at the end may not count. An error:
// by a collation that PostgreSQL has not.
base::StatusOr<TextComparison> CommonComparison(const Expression& a, const Expression& b);

bool IsNumeric(ValueType type);
// As a number for arithmetic, of the type in which MySQL computes.
std::string AsNumber(const Expression& expression);

// CASE WHEN condition THEN a ELSE b END, and the like: `values` are of one type, `caveats` of all.
base::StatusOr<Expression> OneOf(std::span<const Expression> values);

}  // namespace godwit::connectors::postgres
