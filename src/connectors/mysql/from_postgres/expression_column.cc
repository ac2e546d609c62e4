// Columns in expressions: what their values are on both servers, and where they cannot stand.

#include <absl/algorithm/container.h>

#include "base/text.h"
#include "connectors/mysql/from_postgres/expression_type.h"
#include "connectors/mysql/from_postgres/expression_value.h"
#include "connectors/mysql/literal.h"
#include "sql/data_type.h"

namespace godwit::connectors::mysql {
namespace {

using sql::postgres::ColumnDefinition;
using sql::postgres::ConstraintDefinition;
using std::string_view;

const ColumnDefinition* FindColumn(const ExpressionScope& scope, string_view name) {
  const auto column = absl::c_find_if(
      scope.table.columns, [&](const auto& candidate) { return candidate.name == name; });
  return column == scope.table.columns.end() ? nullptr : &*column;
}

const sql::ColumnDefinition* FindHere(const ExpressionScope& scope, string_view name) {
  const int index = scope.here.FindColumn(name);
  return index < 0 ? nullptr : &scope.here.columns[static_cast<size_t>(index)];
}

// Whether a foreign key writes to the column by itself.
bool IsChangedByKey(const sql::postgres::Definition& table, string_view column) {
  return absl::c_any_of(table.constraints, [&](const ConstraintDefinition& key) {
    const bool acts = key.on_update == 'c' || key.on_update == 'n' || key.on_update == 'd' ||
                      key.on_delete == 'n' || key.on_delete == 'd';
    return key.kind == 'f' && acts && absl::c_linear_search(key.columns, column);
  });
}

// What MySQL and MariaDB forbid.
base::Status Allowed(const ExpressionScope& scope, const ColumnDefinition& column,
                     const sql::ColumnDefinition& here) {
  if (scope.use == ExpressionUse::kDefault) return NotTranslated("a column in a default");
  if (here.auto_increment) {
    return NotTranslated(
        fmt::format("`{}`, which is AUTO_INCREMENT, so that no expression takes it,", column.name));
  }
  if (scope.use == ExpressionUse::kCheck && IsChangedByKey(scope.table, column.name)) {
    return NotTranslated(fmt::format(
        "`{}`, which a foreign key changes by itself, so that no check takes it,", column.name));
  }
  return base::OkStatus();
}

// What PostgreSQL's type is, where the target keeps it as the mapping says.
ValueKind KindOf(const PostgresType& type, const ColumnDefinition& column) {
  if (type.dimensions > 0) return ValueKind::kOther;
  if (column.type_class == 'e') return ValueKind::kEnum;
  constexpr std::pair<string_view, ValueKind> kKinds[] = {
      {"boolean", ValueKind::kBoolean},
      {"smallint", ValueKind::kInteger},
      {"integer", ValueKind::kInteger},
      {"bigint", ValueKind::kInteger},
      {"numeric", ValueKind::kDecimal},
      {"real", ValueKind::kReal},
      {"double precision", ValueKind::kDouble},
      {"text", ValueKind::kText},
      {"character varying", ValueKind::kText},
      {"character", ValueKind::kText},
      {"bytea", ValueKind::kBytes},
      {"date", ValueKind::kDate},
      {"timestamp without time zone", ValueKind::kTimestamp},
      {"timestamp with time zone", ValueKind::kTimestampTz},
      {"time without time zone", ValueKind::kTime},
      {"uuid", ValueKind::kUuid},
      {"jsonb", ValueKind::kJson},
  };
  for (const auto& [name, kind] : kKinds) {
    if (type.name == name) return kind;
  }
  return ValueKind::kOther;
}

// Whether such a type of the target holds values of that kind as they are.
bool Holds(const sql::DataType& type, ValueKind kind) {
  using model::TypeKind;
  const sql::TypeTraits* traits = sql::FindType(type.name);
  if (traits == nullptr) return false;
  const TypeKind here = traits->kind;
  switch (kind) {
    case ValueKind::kBoolean:
    case ValueKind::kInteger:
      return here == TypeKind::kInt && !type.is_unsigned;
    case ValueKind::kDecimal:
      return here == TypeKind::kDecimal && !type.is_unsigned;
    case ValueKind::kReal:
      return here == TypeKind::kFloat || here == TypeKind::kDouble;
    case ValueKind::kDouble:
      return here == TypeKind::kDouble;
    case ValueKind::kText:
      return here == TypeKind::kText;
    case ValueKind::kBytes:
      return here == TypeKind::kBinary && type.name != "binary";
    case ValueKind::kDate:
      return here == TypeKind::kDate;
    case ValueKind::kTimestamp:
    case ValueKind::kTimestampTz:
      return here == TypeKind::kDateTime;
    case ValueKind::kTime:
      return here == TypeKind::kTime;
    case ValueKind::kUuid:
      return here == TypeKind::kUuid || here == TypeKind::kText;
    case ValueKind::kEnum:
      return here == TypeKind::kEnum;
    case ValueKind::kJson:
      return here == TypeKind::kJson || type.name == "json" || type.name == "longtext";
    default:
      return false;
  }
}

bool IsBuiltIn(string_view collation) { return collation.starts_with("pg_catalog."); }

void DescribeText(const ExpressionScope& scope, const PostgresType& type,
                  const ColumnDefinition& column, const sql::ColumnDefinition& here,
                  ExpressionValue& value) {
  value.order = TextOrder::kBytes;
  // Collations of users may take different values for equal.
  if (!column.collation.empty() && !IsBuiltIn(column.collation)) value.order = TextOrder::kOther;
  value.sorts_by_bytes = column.collation == "pg_catalog.\"C\"";
  const std::string& own = here.type.charset.collation;
  if ((own.empty() ? scope.here.options.charset.collation : own) != BytesCollation(scope.to))
    value.order = TextOrder::kOther;
  const bool limited = here.type.name == "varchar" || here.type.name == "char";
  if (limited) value.most_length = here.type.length;
  value.padded = type.name == "character";
  if (value.padded) value.sql = fmt::format("RTRIM({})", value.sql);
}

void DescribeNumber(const PostgresType& type, const sql::DataType& here, ExpressionValue& value) {
  if (value.kind == ValueKind::kInteger) {
    value.whole_digits = type.name == "smallint" ? 5 : type.name == "integer" ? 10 : 19;
    return;
  }
  value.decimals = static_cast<int>(here.decimals.value_or(0));
  value.whole_digits = static_cast<int>(here.length.value_or(10)) - value.decimals;
}

}  // namespace

base::StatusOr<ExpressionValue> ColumnValue(const ExpressionScope& scope, string_view name) {
  const ColumnDefinition* column = FindColumn(scope, name);
  const sql::ColumnDefinition* here = FindHere(scope, name);
  if (column == nullptr || here == nullptr) return NotTranslated(fmt::format("`{}`", name));
  GODWIT_RETURN_IF_ERROR(Allowed(scope, *column, *here));
  GODWIT_ASSIGN_OR_RETURN(
      const PostgresType type,
      ParsePostgresType(column->base_type.empty() ? column->type : column->base_type));
  ExpressionValue value = MakeValue(QuoteName(name), KindOf(type, *column));
  if (!Holds(here->type, value.kind)) value.kind = ValueKind::kOther;
  switch (value.kind) {
    case ValueKind::kInteger:
    case ValueKind::kDecimal:
      DescribeNumber(type, here->type, value);
      break;
    case ValueKind::kText:
      DescribeText(scope, type, *column, *here, value);
      break;
    case ValueKind::kTimestamp:
    case ValueKind::kTimestampTz:
    case ValueKind::kTime:
      value.fraction = type.Modifier(6);
      break;
    case ValueKind::kEnum:
      value.enum_type = type.name;
      break;
    default:
      break;
  }
  return value;
}

}  // namespace godwit::connectors::mysql
