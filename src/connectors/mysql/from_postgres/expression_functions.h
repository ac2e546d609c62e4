#pragma once

#include <span>
#include <string>
#include <string_view>

#include "connectors/mysql/from_postgres/expression_value.h"

namespace godwit::connectors::mysql {

// A call of a function of PostgreSQL by its name, and of what has a syntax of its own (COALESCE).
base::StatusOr<ExpressionValue> Called(ExpressionScope& scope, const std::string& name,
                                       std::span<const ExpressionValue> args);

// A part of those: what takes text, and what takes documents.
base::StatusOr<ExpressionValue> CalledOfText(ExpressionScope& scope, const std::string& name,
                                             std::span<const ExpressionValue> args);
base::StatusOr<ExpressionValue> CalledOfDocument(const ExpressionScope& scope,
                                                 const std::string& name,
                                                 std::span<const ExpressionValue> args);

// document -> 'key' and ->> 'key'.
base::StatusOr<ExpressionValue> Member(ExpressionScope& scope, const ExpressionValue& document,
                                       std::string_view op, const ExpressionValue& key);

}  // namespace godwit::connectors::mysql
