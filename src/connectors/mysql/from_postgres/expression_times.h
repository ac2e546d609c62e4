#pragma once

#include <span>
#include <string>
#include <string_view>

#include "connectors/mysql/from_postgres/expression_type.h"
#include "connectors/mysql/from_postgres/expression_value.h"

// Dates and times of PostgreSQL in expressions. A `timestamp with time zone` is a DATETIME in UTC
// on the target; what goes by the session's time zone is kUnimplemented.
namespace godwit::connectors::mysql {

// A literal of a date, a time or an interval, as PostgreSQL writes it in ISO style and UTC.
base::StatusOr<ExpressionValue> TimeLiteral(const std::string& text, const PostgresType& type);

base::StatusOr<ExpressionValue> CastTime(const ExpressionValue& value, const PostgresType& type);

// `op` is + or -.
base::StatusOr<ExpressionValue> ComputedTime(ExpressionScope& scope, const ExpressionValue& left,
                                             std::string_view op, const ExpressionValue& right);

bool IsTimeFunction(std::string_view name);
// Those, and what has a syntax of its own: extract, current_timestamp, timezone (AT TIME ZONE).
base::StatusOr<ExpressionValue> CalledOfTime(ExpressionScope& scope, const std::string& name,
                                             std::span<const ExpressionValue> args);

// Whether text is a date of four digits for the year, a time of day, or both with a blank between:
// what the target can hold. `fraction` gets the digits of its seconds' fraction.
bool IsPlainDate(std::string_view text);
bool IsPlainTime(std::string_view text, int* fraction);
bool IsPlainTimestamp(std::string_view text, int* fraction);
bool IsUtc(std::string_view zone);

}  // namespace godwit::connectors::mysql
