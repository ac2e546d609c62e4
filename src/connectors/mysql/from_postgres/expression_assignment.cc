#include "connectors/mysql/from_postgres/expression_assignment.h"

#include "connectors/mysql/from_postgres/expression_type.h"
#include "sql/data_type.h"

namespace godwit::connectors::mysql {
namespace {

using model::TypeKind;
using std::string_view;

bool IsInteger(const PostgresType& type) {
  return type.Is("smallint") || type.Is("integer") || type.Is("bigint");
}

bool IsText(const PostgresType& type) { return type.Is("text") || type.Is("character varying"); }

// Of times: no digits of seconds are rounded away.
bool Keeps(const PostgresType& type, const ExpressionValue& value) {
  return type.Modifier(6) >= value.fraction;
}

}  // namespace

base::StatusOr<std::string> Assigned(const ExpressionValue& value,
                                     const sql::postgres::ColumnDefinition& column,
                                     const sql::ColumnDefinition& here) {
  GODWIT_ASSIGN_OR_RETURN(
      const PostgresType type,
      ParsePostgresType(column.base_type.empty() ? column.type : column.base_type));
  const sql::TypeTraits* traits = sql::FindType(here.type.name);
  if (traits == nullptr) return NotTranslated(fmt::format("a value of {}", here.type.name));
  const TypeKind to = traits->kind;
  const ValueKind kind = value.kind;
  bool fits = false;
  switch (kind) {
    case ValueKind::kNull:
      return std::string("NULL");
    case ValueKind::kBoolean:
      fits = type.Is("boolean") && to == TypeKind::kInt;
      break;
    case ValueKind::kInteger:
      if (IsText(type) && to == TypeKind::kText) return value.sql;
      [[fallthrough]];
    case ValueKind::kDecimal:
      // Halves go away from zero on both, where digits are rounded away.
      fits = (IsInteger(type) && to == TypeKind::kInt) ||
             (type.Is("numeric") && to == TypeKind::kDecimal) ||
             (type.Is("double precision") && to == TypeKind::kDouble);
      break;
    case ValueKind::kDouble:
      fits = type.Is("double precision") && to == TypeKind::kDouble;
      break;
    case ValueKind::kReal:
      fits = type.Is("real") && (to == TypeKind::kFloat || to == TypeKind::kDouble);
      break;
    case ValueKind::kText:
      fits = IsText(type) && to == TypeKind::kText;
      break;
    case ValueKind::kBytes:
      fits = type.Is("bytea") && to == TypeKind::kBinary && here.type.name != "binary";
      break;
    case ValueKind::kDate:
      if (type.Is("timestamp without time zone") && to == TypeKind::kDateTime)
        return fmt::format("CAST({} AS DATETIME)", value.sql);
      fits = type.Is("date") && to == TypeKind::kDate;
      break;
    case ValueKind::kTimestamp:
      if (type.Is("date") && to == TypeKind::kDate) return fmt::format("DATE({})", value.sql);
      fits =
          type.Is("timestamp without time zone") && to == TypeKind::kDateTime && Keeps(type, value);
      break;
    case ValueKind::kTimestampTz:
      fits = type.Is("timestamp with time zone") && to == TypeKind::kDateTime && Keeps(type, value);
      break;
    case ValueKind::kTime:
      fits = type.Is("time without time zone") && to == TypeKind::kTime && Keeps(type, value);
      break;
    case ValueKind::kUuid:
      if (IsText(type) && to == TypeKind::kText) return value.sql;
      fits = type.Is("uuid") && (to == TypeKind::kUuid || to == TypeKind::kText);
      break;
    case ValueKind::kEnum:
      fits = type.Is(value.enum_type) && to == TypeKind::kEnum;
      break;
    case ValueKind::kJson:
      fits = type.Is("jsonb");
      break;
    default:
      break;
  }
  if (!fits) return NotTranslated("a value of another type than the column's");
  return value.sql;
}

}  // namespace godwit::connectors::mysql
