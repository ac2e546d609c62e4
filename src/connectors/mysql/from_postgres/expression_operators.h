#pragma once

#include <string_view>
#include <vector>

#include "connectors/mysql/from_postgres/expression_type.h"
#include "connectors/mysql/from_postgres/expression_value.h"

// Operators, comparisons and casts of PostgreSQL. Errors are kUnimplemented: "an order of text".
namespace godwit::connectors::mysql {

// A condition of a server that has no type for it.
base::StatusOr<ExpressionValue> Negation(const ExpressionValue& operand);

// `op` is one of = <> < > <= >=, or <=>, for which NULLs are the same.
base::StatusOr<ExpressionValue> Compared(const ExpressionScope& scope, ExpressionValue left,
                                         std::string_view op, ExpressionValue right);
// left = ANY (values), left <> ALL (values)
base::StatusOr<ExpressionValue> ComparedWithAll(const ExpressionScope& scope,
                                                const ExpressionValue& left, std::string_view op,
                                                const std::vector<ExpressionValue>& values);

// Any other operator with two operands: + - * / % || & | ~~ !~~ ~ !~ -> ->>
base::StatusOr<ExpressionValue> Computed(ExpressionScope& scope, const ExpressionValue& left,
                                         std::string_view op, const ExpressionValue& right);
base::StatusOr<ExpressionValue> Negative(const ExpressionValue& operand);
base::StatusOr<ExpressionValue> Concatenated(const ExpressionScope& scope,
                                             const ExpressionValue& left,
                                             const ExpressionValue& right);

base::StatusOr<ExpressionValue> Cast(const ExpressionScope& scope, const ExpressionValue& value,
                                     const PostgresType& type);
// Of a string or a number that is written before `::`, as the type reads it.
base::StatusOr<ExpressionValue> CastLiteral(const ExpressionScope& scope, const std::string& text,
                                            const PostgresType& type);

}  // namespace godwit::connectors::mysql
