#include "connectors/mysql/from_postgres/expression_operators.h"

namespace godwit::connectors::mysql {
namespace {

using Result = base::StatusOr<ExpressionValue>;
using std::string_view;

bool IsEquality(string_view op) { return op == "=" || op == "<>" || op == "<=>"; }

bool IsFloat(ValueKind kind) { return kind == ValueKind::kReal || kind == ValueKind::kDouble; }

// Whether the values can be compared as they are on the target.
base::Status Comparable(const ExpressionValue& a, string_view op, const ExpressionValue& b) {
  if (a.kind == ValueKind::kNull || b.kind == ValueKind::kNull) return base::OkStatus();
  const base::Status other = NotTranslated("a comparison of such values");
  if (IsExact(a.kind) && IsExact(b.kind)) return base::OkStatus();
  // A number of 32 bits is the double that it equals.
  if (IsFloat(a.kind) && IsFloat(b.kind)) return base::OkStatus();
  const bool has_dates = (a.kind == ValueKind::kDate || a.kind == ValueKind::kTimestamp) &&
                         (b.kind == ValueKind::kDate || b.kind == ValueKind::kTimestamp);
  if (has_dates) return base::OkStatus();
  if (a.kind != b.kind) return other;
  switch (a.kind) {
    case ValueKind::kBoolean:
    case ValueKind::kBytes:
    case ValueKind::kTimestampTz:
    case ValueKind::kTime:
      return base::OkStatus();
    case ValueKind::kUuid:
      return IsEquality(op) ? base::OkStatus() : NotTranslated("an order of UUIDs");
    case ValueKind::kEnum:
      if (!IsEquality(op)) return NotTranslated("an order of labels");
      return a.enum_type == b.enum_type ? base::OkStatus() : other;
    case ValueKind::kText:
      if (a.order == TextOrder::kOther || b.order == TextOrder::kOther)
        return NotTranslated("a comparison of text by a collation");
      if (IsEquality(op) || (a.sorts_by_bytes && b.sorts_by_bytes)) return base::OkStatus();
      return NotTranslated("an order of text");
    default:
      return other;
  }
}

// Of text that has no collation of its own, by which the session's would compare.
void GiveCollation(const ExpressionScope& scope, ExpressionValue& text) {
  text.sql = fmt::format("({} COLLATE {})", text.sql, BytesCollation(scope.to));
  text.order = TextOrder::kBytes;
}

}  // namespace

Result Negation(const ExpressionValue& operand) {
  if (operand.kind != ValueKind::kBoolean && operand.kind != ValueKind::kNull)
    return NotTranslated("NOT of such a value");
  return MakeCondition(fmt::format("(NOT {})", operand.sql));
}

Result Compared(const ExpressionScope& scope, ExpressionValue left, string_view op,
                ExpressionValue right) {
  GODWIT_RETURN_IF_ERROR(Comparable(left, op, right));
  if (left.kind == ValueKind::kText && right.kind == ValueKind::kText &&
      left.order == TextOrder::kNone && right.order == TextOrder::kNone)
    GiveCollation(scope, left);
  return MakeCondition(fmt::format("({} {} {})", left.sql, op, right.sql));
}

Result ComparedWithAll(const ExpressionScope& scope, const ExpressionValue& left, string_view op,
                       const std::vector<ExpressionValue>& values) {
  if (values.empty()) return NotTranslated("a comparison with no value");
  if (values.size() == 1) return Compared(scope, left, op, values[0]);
  ExpressionValue first = left;
  if (left.kind == ValueKind::kText && left.order == TextOrder::kNone) GiveCollation(scope, first);
  std::string list;
  for (const ExpressionValue& value : values) {
    GODWIT_RETURN_IF_ERROR(Comparable(first, op, value));
    list += (list.empty() ? "" : ", ") + value.sql;
  }
  return MakeCondition(fmt::format("({} {} ({}))", first.sql, op == "=" ? "IN" : "NOT IN", list));
}

}  // namespace godwit::connectors::mysql
