#pragma once

#include <span>
#include <string>
#include <utility>

#include "connectors/postgres/from_mysql/from_mysql_expression.h"

namespace godwit::connectors::postgres {

// The error for what is not translated, and a translated value of which nothing but its type is
// known.
inline base::Status NotTranslated(std::string what) { return base::InvalidArgument("{}", what); }
inline Expression MakeExpression(std::string sql, ValueType type) {
  Expression result;
  result.sql = std::move(sql);
  result.type = type;
  return result;
}

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
