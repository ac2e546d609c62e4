#include "connectors/postgres/from_mysql/mysql_operators.h"

#include <algorithm>

#include "connectors/postgres/from_mysql/mysql_functions.h"
#include "connectors/postgres/from_mysql/mysql_literal.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {

using std::string_view;
using Result = base::StatusOr<Expression>;

namespace {

Expression Joined(const Expression& a, string_view op, const Expression& b, ValueType type) {
  return MakeExpression(fmt::format("({} {} {})", a.sql, op, b.sql), type);
}

// Text without the blanks that do not count.
std::string Comparable(const Expression& value, TextComparison comparison) {
  if (value.type != ValueType::kText || comparison == TextComparison::kBytes) return value.sql;
  if (!value.is_literal) return fmt::format("rtrim({}, ' ')", value.sql);
  const size_t end = value.value.find_last_not_of(' ');
  return QuoteText(value.value.substr(0, end == std::string::npos ? 0 : end + 1));
}

}  // namespace

bool CanBeCondition(const Expression& value) {
  return IsNumeric(value.type) || value.type == ValueType::kNull;
}

Expression Conditions(const Expression& a, string_view op, const Expression& b) {
  return MakeExpression(fmt::format("({} {} {})", AsCondition(a), op, AsCondition(b)),
                        ValueType::kBoolean);
}

Result Negation(const Expression& operand) {
  if (!CanBeCondition(operand)) return NotTranslated("NOT of such a value");
  return MakeExpression(fmt::format("(NOT {})", AsCondition(operand)), ValueType::kBoolean);
}

void TakeForTime(Expression& literal, const Expression& other) {
  if (!literal.is_literal || literal.type != ValueType::kText) return;
  const std::string& text = literal.value;
  if (other.type == ValueType::kDate && IsDate(text)) {
    literal = MakeExpression(QuoteText(text) + "::date", ValueType::kDate);
  } else if (other.type == ValueType::kDateTime && IsDateTime(text)) {
    literal = MakeExpression(QuoteText(text) + "::timestamp", ValueType::kDateTime);
  } else if (other.type == ValueType::kTime && IsTimeOfDay(text)) {
    literal = MakeExpression(QuoteText(text) + "::time", ValueType::kTime);
  }
}

Result Compared(Expression a, string_view op, Expression b) {
  TakeForTime(a, b);
  TakeForTime(b, a);
  GODWIT_ASSIGN_OR_RETURN(const ValueType type, CommonType(a, b));
  if (type == ValueType::kJson || type == ValueType::kOther || type == ValueType::kNull)
    return NotTranslated("a comparison of such values");
  if (type != ValueType::kText) return Joined(a, op, b, ValueType::kBoolean);
  GODWIT_ASSIGN_OR_RETURN(const TextComparison comparison, CommonComparison(a, b));
  if (op.starts_with('<') && op != "<>") return NotTranslated("an order of text");
  if (op.starts_with('>')) return NotTranslated("an order of text");
  a.sql = Comparable(a, comparison);
  b.sql = Comparable(b, comparison);
  return Joined(a, op, b, ValueType::kBoolean);
}

Result Computed(const Expression& a, string_view op, const Expression& b) {
  if (!IsNumeric(a.type) || !IsNumeric(b.type)) return NotTranslated("arithmetic with such values");
  ValueType type = std::max(a.type, b.type);
  if (type == ValueType::kBoolean) type = ValueType::kInteger;
  if (op == "/" && type != ValueType::kDouble)
    return NotTranslated("division, of which MySQL makes other decimals,");
  if (op == "DIV" && type != ValueType::kInteger) return NotTranslated("DIV of such values");
  if (op == "%" && type == ValueType::kDouble) return NotTranslated("the remainder of such values");
  const bool divides = op == "/" || op == "DIV" || op == "%";
  const std::string by = AsNumber(b);
  return MakeExpression(fmt::format("({} {} {})", AsNumber(a), op == "DIV" ? "/" : op,
                                    divides ? fmt::format("NULLIF({}, 0)", by) : by),
                        type);
}

}  // namespace godwit::connectors::postgres
