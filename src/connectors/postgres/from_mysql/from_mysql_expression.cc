#include "connectors/postgres/from_mysql/from_mysql_expression.h"

namespace godwit::connectors::postgres {

using model::TypeKind;

ValueType TypeOf(const PlannedColumn& column) {
  switch (column.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
    case TypeKind::kYear:
      if (column.base == "boolean") return ValueType::kBoolean;
      if (column.base == "numeric") return ValueType::kDecimal;
      return column.IsInteger() ? ValueType::kInteger : ValueType::kOther;
    case TypeKind::kDecimal:
      return column.base == "numeric" ? ValueType::kDecimal : ValueType::kOther;
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return column.base == "real" || column.base == "double precision" ? ValueType::kDouble
                                                                        : ValueType::kOther;
    case TypeKind::kText:
      return column.IsString() ? ValueType::kText : ValueType::kOther;
    case TypeKind::kDate:
      return column.base == "date" ? ValueType::kDate : ValueType::kOther;
    case TypeKind::kDateTime:
      return column.base == "timestamp without time zone" ? ValueType::kDateTime
                                                          : ValueType::kOther;
    case TypeKind::kTime:
      return column.base == "time without time zone" ? ValueType::kTime : ValueType::kOther;
    case TypeKind::kJson:
      return column.base == "jsonb" ? ValueType::kJson : ValueType::kOther;
    default:
      return ValueType::kOther;
  }
}

std::string AsCondition(const Expression& expression) {
  if (expression.type == ValueType::kBoolean) return expression.sql;
  if (expression.type == ValueType::kNull) return "NULL::boolean";
  return fmt::format("({} <> 0)", expression.sql);
}

base::StatusOr<std::string> AssignTo(const PlannedColumn& column, const Expression& expression) {
  const ValueType type = expression.type;
  if (type == ValueType::kNull) return "NULL::" + column.type;
  const bool is_boolean = type == ValueType::kBoolean;
  const std::string number =
      is_boolean ? fmt::format("({})::integer", expression.sql) : expression.sql;
  const bool is_whole = type == ValueType::kInteger || is_boolean;
  const bool is_exact = is_whole || type == ValueType::kDecimal;
  bool fits = false;
  switch (column.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
      if (column.base == "boolean" && is_boolean) return expression.sql;
      if ((column.IsInteger() || column.base == "numeric") && is_exact) return number;
      break;
    case TypeKind::kYear:
      if (column.IsInteger() && is_whole) return number;
      break;
    case TypeKind::kDecimal:
      if (column.base == "numeric" && is_exact) return number;
      break;
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      if (TypeOf(column) == ValueType::kDouble && (is_exact || type == ValueType::kDouble))
        return number;
      break;
    case TypeKind::kText:
      if (!column.IsString() || (type != ValueType::kText && type != ValueType::kInteger)) break;
      if (type == ValueType::kInteger) return fmt::format("({})::text", expression.sql);
      if (column.source->type.name == "char") return fmt::format("rtrim({}, ' ')", expression.sql);
      return expression.sql;
    case TypeKind::kDateTime:
      fits = type == ValueType::kDateTime || type == ValueType::kDate;
      if (fits && column.base == "timestamp without time zone") return expression.sql;
      break;
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kJson:
      if (type == TypeOf(column) && type != ValueType::kOther) return expression.sql;
      break;
    default:
      break;
  }
  return base::InvalidArgument("an expression of another type than the column's");
}

}  // namespace godwit::connectors::postgres
