#include <absl/algorithm/container.h>
#include <absl/strings/escaping.h>

#include <cmath>
#include <cstdlib>

#include "base/text.h"
#include "connectors/mysql/from_postgres/expression_operators.h"
#include "connectors/mysql/from_postgres/expression_times.h"

namespace godwit::connectors::mysql {
namespace {

using Result = base::StatusOr<ExpressionValue>;
using std::string_view;

base::Status Unknown(const PostgresType& type) {
  return NotTranslated(fmt::format("a cast to {}{}", type.name, type.dimensions > 0 ? "[]" : ""));
}

bool IsText(const PostgresType& type) { return type.Is("text") || type.Is("character varying"); }

int DigitsOf(const PostgresType& type) {
  if (type.Is("smallint")) return 5;
  if (type.Is("integer")) return 10;
  return type.Is("bigint") ? 19 : 0;
}

// An enum that one of the table's columns has.
bool IsEnum(const ExpressionScope& scope, const PostgresType& type) {
  return type.dimensions == 0 && absl::c_any_of(scope.table.columns, [&](const auto& column) {
           return column.type_class == 'e' &&
                  (column.base_type.empty() ? column.type : column.base_type) == type.name;
         });
}

// A DOUBLE, and not a DECIMAL, by its exponent.
Result DoubleLiteral(const std::string& digits) {
  char* end = nullptr;
  const double value = std::strtod(digits.c_str(), &end);
  if (digits.empty() || *end != '\0' || !std::isfinite(value))
    return NotTranslated(fmt::format("the number {}", digits));
  const bool has_exponent = digits.find_first_of("eE") != std::string::npos;
  ExpressionValue result = MakeValue(digits + (has_exponent ? "" : "e0"), ValueKind::kDouble);
  if (digits.starts_with('-')) result.sql = "(" + result.sql + ")";
  result.is_literal = true;
  result.literal = digits;
  return result;
}

Result TextOf(const ExpressionScope& scope, const ExpressionValue& value) {
  switch (value.kind) {
    case ValueKind::kText: {
      ExpressionValue text = value;
      text.padded = false;
      return text;
    }
    case ValueKind::kInteger:
    case ValueKind::kUuid: {
      ExpressionValue text =
          MakeValue(fmt::format("(CAST({} AS CHAR(36) CHARACTER SET utf8mb4) COLLATE {})",
                                value.sql, BytesCollation(scope.to)),
                    ValueKind::kText);
      text.order = TextOrder::kBytes;
      text.is_ascii = true;
      text.most_length = 36;
      return text;
    }
    case ValueKind::kBoolean:
      return MakeText(fmt::format("(CASE {} WHEN 1 THEN {} WHEN 0 THEN {} END)", value.sql,
                                  TextSql("true"), TextSql("false")),
                      MakeTextLiteral("false"));
    default:
      return NotTranslated("a cast of such a value to text");
  }
}

Result ToNumeric(const ExpressionValue& value, const PostgresType& type) {
  if (!IsExact(value.kind)) return Unknown(type);
  ExpressionValue result = value;
  result.kind = ValueKind::kDecimal;
  if (!type.modifiers.empty()) {
    const int digits = type.modifiers[0];
    const int decimals = type.modifiers.size() > 1 ? type.modifiers[1] : 0;
    if (digits > 65 || decimals < 0 || decimals > 30 || decimals > digits) return Unknown(type);
    result = MakeValue(fmt::format("CAST({} AS DECIMAL({},{}))", value.sql, digits, decimals),
                       ValueKind::kDecimal);
    result.whole_digits = digits - decimals;
    result.decimals = decimals;
  } else if (value.kind == ValueKind::kInteger && !value.is_literal) {
    result.sql = fmt::format("CAST({} AS DECIMAL({},0))", value.sql, value.whole_digits);
  }
  return result;
}

Result ToDouble(const ExpressionValue& value, const PostgresType& type) {
  if (value.kind == ValueKind::kDouble) return value;
  if (value.is_literal && IsExact(value.kind)) return DoubleLiteral(value.literal);
  if (value.kind == ValueKind::kReal || IsExact(value.kind))
    return MakeValue(fmt::format("CAST({} AS DOUBLE)", value.sql), ValueKind::kDouble);
  return Unknown(type);
}

Result ToInteger(const ExpressionValue& value, const PostgresType& type) {
  switch (value.kind) {
    case ValueKind::kInteger: {
      ExpressionValue result = value;
      if (!value.is_literal) result.whole_digits = DigitsOf(type);
      return result;
    }
    case ValueKind::kDecimal:  // halves go away from zero on both
      return MakeInteger(fmt::format("CAST(ROUND({}) AS SIGNED)", value.sql), DigitsOf(type));
    case ValueKind::kBoolean:
      return MakeInteger(value.sql, 1);
    default:
      return Unknown(type);
  }
}

}  // namespace

Result CastLiteral(const ExpressionScope& scope, const std::string& text,
                   const PostgresType& type) {
  if (text.find('\0') != std::string::npos) return Unknown(type);
  if (IsText(type)) {
    if (!type.modifiers.empty()) return Cast(scope, MakeTextLiteral(text), type);
    return MakeTextLiteral(text);
  }
  if (type.Is("character")) {
    const size_t end = text.find_last_not_of(' ');
    ExpressionValue padded =
        MakeTextLiteral(text.substr(0, end == std::string::npos ? 0 : end + 1));
    padded.padded = true;
    return padded;
  }
  ExpressionValue result;
  if (DigitsOf(type) > 0 || type.Is("numeric")) {
    GODWIT_ASSIGN_OR_RETURN(result, MakeNumber(text));
    if (type.Is("numeric")) return ToNumeric(result, type);
    return result.kind == ValueKind::kInteger ? Result(result) : Unknown(type);
  }
  if (type.Is("double precision")) return DoubleLiteral(text);
  if (type.Is("boolean") && (text == "true" || text == "false" || text == "t" || text == "f"))
    return MakeCondition(text[0] == 't' ? "TRUE" : "FALSE");
  if (type.Is("bytea") && text.starts_with("\\x")) {
    result = MakeValue(fmt::format("X'{}'", text.substr(2)), ValueKind::kBytes);
    if (text.size() == 2) result.sql = "_binary''";
  } else if (type.Is("uuid")) {
    result = MakeValue(TextSql(text), ValueKind::kUuid);
  } else if (IsEnum(scope, type)) {
    result = MakeValue(TextSql(text), ValueKind::kEnum);
    result.enum_type = type.name;
  } else {
    return TimeLiteral(text, type);
  }
  result.is_literal = true;
  result.literal = text;
  return result;
}

Result Cast(const ExpressionScope& scope, const ExpressionValue& value, const PostgresType& type) {
  if (value.kind == ValueKind::kNull) return value;
  if (IsText(type)) {
    GODWIT_ASSIGN_OR_RETURN(ExpressionValue text, TextOf(scope, value));
    if (type.modifiers.empty()) return text;
    const auto most = static_cast<uint32_t>(type.modifiers[0]);
    if (text.most_length && *text.most_length <= most) return text;
    text.sql = fmt::format("LEFT({}, {})", text.sql, most);  // which PostgreSQL cuts in silence too
    text.most_length = most;
    text.is_literal = false;
    return text;
  }
  if (type.Is("numeric")) return ToNumeric(value, type);
  if (type.Is("double precision")) return ToDouble(value, type);
  if (DigitsOf(type) > 0) return ToInteger(value, type);
  if (type.Is("boolean")) {
    if (value.kind == ValueKind::kBoolean) return value;
    if (value.kind != ValueKind::kInteger) return Unknown(type);
    return MakeCondition(fmt::format("({} <> 0)", value.sql));
  }
  if (value.kind == ValueKind::kEnum && value.enum_type == type.name && type.dimensions == 0)
    return value;
  if (type.Is("jsonb") && value.kind == ValueKind::kJson) return value;
  return CastTime(value, type);
}

}  // namespace godwit::connectors::mysql
