#pragma once

#include <string_view>

#include "connectors/postgres/from_mysql/from_mysql_expression.h"

// What operators of MySQL are in PostgreSQL. Errors are as of TranslateMysqlExpression.
namespace godwit::connectors::postgres {

bool CanBeCondition(const Expression& value);

// Both as conditions, joined by AND, OR or `<>`.
Expression Conditions(const Expression& a, std::string_view op, const Expression& b);
base::StatusOr<Expression> Negation(const Expression& operand);

// A string that stands for a date or a time beside one.
void TakeForTime(Expression& literal, const Expression& other);

base::StatusOr<Expression> Compared(Expression a, std::string_view op, Expression b);

// By zero nothing is divided: that is NULL to MySQL.
base::StatusOr<Expression> Computed(const Expression& a, std::string_view op, const Expression& b);

}  // namespace godwit::connectors::postgres
