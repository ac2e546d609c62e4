#include "connectors/mysql/from_postgres/expression_operators.h"

#include <algorithm>
#include <optional>

#include "connectors/mysql/from_postgres/expression_functions.h"
#include "connectors/mysql/from_postgres/expression_patterns.h"
#include "connectors/mysql/from_postgres/expression_times.h"

namespace godwit::connectors::mysql {
namespace {

using Result = base::StatusOr<ExpressionValue>;
using std::string_view;

constexpr int kMostDigits = 65, kMostDecimals = 30;  // of a DECIMAL

std::string Joined(const ExpressionValue& a, string_view op, const ExpressionValue& b) {
  return fmt::format("({} {} {})", a.sql, op, b.sql);
}

// Integers have at least the bits of PostgreSQL's on the target, and as many as its longest ones.
Result ComputedIntegers(const ExpressionValue& a, string_view op, const ExpressionValue& b) {
  const int digits = std::max(a.whole_digits, b.whole_digits);
  if (op == "/") return MakeInteger(Joined(a, "DIV", b), digits);
  // Of bits the target makes numbers without a sign.
  if (op == "&" || op == "|")
    return MakeInteger(fmt::format("CAST({} AS SIGNED)", Joined(a, op, b)), digits);
  if (op != "+" && op != "-" && op != "*" && op != "%")
    return NotTranslated(fmt::format("the operator {}", op));
  return MakeInteger(Joined(a, op, b), 19);
}

Result ComputedDecimals(const ExpressionValue& a, string_view op, const ExpressionValue& b) {
  if (op == "/") return NotTranslated("a division of numeric values, which gives other decimals,");
  if (a.is_literal && b.is_literal) return NotTranslated("arithmetic of constants");
  ExpressionValue result = MakeValue(Joined(a, op, b), ValueKind::kDecimal);
  result.whole_digits = std::max(a.whole_digits, b.whole_digits);
  result.decimals = std::max(a.decimals, b.decimals);
  if (op == "+" || op == "-") {
    ++result.whole_digits;
  } else if (op == "*") {
    result.whole_digits = a.whole_digits + b.whole_digits;
    result.decimals = a.decimals + b.decimals;
  } else if (op != "%") {
    return NotTranslated(fmt::format("the operator {}", op));
  }
  if (result.decimals > kMostDecimals || result.whole_digits + result.decimals > kMostDigits) {
    return NotTranslated(fmt::format(
        "{} of numbers that may need more digits than a DECIMAL has (declare them numeric(p,s))",
        op));
  }
  return result;
}

// The same by IEEE 754; of numbers of 32 bits the target would compute with 64.
Result ComputedDoubles(const ExpressionValue& a, string_view op, const ExpressionValue& b) {
  if (op != "+" && op != "-" && op != "*" && op != "/")
    return NotTranslated(fmt::format("the operator {}", op));
  return MakeValue(Joined(a, op, b), ValueKind::kDouble);
}

}  // namespace

Result Negative(const ExpressionValue& operand) {
  if (operand.is_literal && IsExact(operand.kind)) {
    return MakeNumber(operand.literal.starts_with('-') ? operand.literal.substr(1)
                                                       : "-" + operand.literal);
  }
  if (!IsExact(operand.kind) && operand.kind != ValueKind::kDouble)
    return NotTranslated("a sign before such a value");
  ExpressionValue result = operand;
  result.is_literal = false;
  result.sql = fmt::format("(- {})", operand.sql);
  return result;
}

Result Concatenated(const ExpressionScope& scope, const ExpressionValue& left,
                    const ExpressionValue& right) {
  ExpressionValue pieces[] = {left, right};
  for (ExpressionValue& piece : pieces) {
    // Numbers as they are: only integers are written alike by both.
    if (piece.kind == ValueKind::kInteger || piece.kind == ValueKind::kUuid) {
      GODWIT_ASSIGN_OR_RETURN(piece, Cast(scope, piece, {.name = "text"}));
    }
    if (piece.kind != ValueKind::kText && piece.kind != ValueKind::kNull)
      return NotTranslated("|| of values that are not text");
    if (piece.padded) return NotTranslated("|| of character(n), which may keep its blanks,");
  }
  GODWIT_ASSIGN_OR_RETURN(ExpressionValue result, OneOf(pieces));
  result.sorts_by_bytes = false;
  if (result.kind == ValueKind::kNull) return result;
  if (result.most_length)
    result.most_length = pieces[0].most_length.value_or(0) + pieces[1].most_length.value_or(0);
  result.sql = fmt::format("CONCAT({}, {})", pieces[0].sql, pieces[1].sql);
  return result;
}

Result Computed(ExpressionScope& scope, const ExpressionValue& left, string_view op,
                const ExpressionValue& right) {
  if (op == "||") return Concatenated(scope, left, right);
  if (op == "~~" || op == "!~~" || op == "~" || op == "!~") return Matched(left, op, right, scope);
  if (op == "->" || op == "->>") return Member(scope, left, op, right);
  if (left.kind == ValueKind::kInteger && right.kind == ValueKind::kInteger)
    return ComputedIntegers(left, op, right);
  if (IsExact(left.kind) && IsExact(right.kind)) return ComputedDecimals(left, op, right);
  if (left.kind == ValueKind::kDouble && right.kind == ValueKind::kDouble)
    return ComputedDoubles(left, op, right);
  if (op == "+" || op == "-") return ComputedTime(scope, left, op, right);
  return NotTranslated(fmt::format("the operator {} of such values", op));
}

}  // namespace godwit::connectors::mysql
