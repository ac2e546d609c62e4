#include "connectors/postgres/from_mysql/from_mysql_types.h"

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>

#include "base/text.h"
#include "connectors/postgres/from_mysql/cast_types.h"
#include "connectors/postgres/sql_text.h"
#include "sql/data_type.h"
#include "sql/writer.h"

namespace godwit::connectors::postgres {
namespace {

using model::TypeKind;
using sql::ColumnDefinition;
using sql::DataType;
using sql::NoteTaker;

// `json_valid(`a`)`, which makes a LONGTEXT of MariaDB a JSON.
bool IsJsonCheck(const ColumnDefinition& column) {
  std::string check;
  for (const char c : column.check) {
    if (c != '`' && c != ' ') check.push_back(c);
  }
  while (check.starts_with('(') && check.ends_with(')')) check = check.substr(1, check.size() - 2);
  return base::EqualsIgnoreCase(check, "json_valid(" + column.name + ")");
}

bool HasKey(const sql::TableDefinition& table, const std::string& column) {
  for (const sql::KeyDefinition& key : table.keys) {
    if (key.kind == sql::KeyKind::kFulltext) continue;
    for (const sql::KeyPart& part : key.parts) {
      if (base::EqualsIgnoreCase(part.column, column)) return true;
    }
  }
  return false;
}

bool HasForeignKey(const sql::TableDefinition& table, const std::string& column) {
  return absl::c_any_of(table.foreign_keys, [&](const model::ForeignKey& key) {
    return absl::c_any_of(
        key.columns, [&](const std::string& name) { return base::EqualsIgnoreCase(name, column); });
  });
}

std::string WithSeconds(std::string_view base, const DataType& type) {
  return InstantType(base, type.length.value_or(0));
}

// The type of an integer that holds all values of the source's.
std::string IntegerType(const sql::TableDefinition& table, const PlannedColumn& column,
                        NoteTaker& notes) {
  const ColumnDefinition& source = *column.source;
  const uint8_t bytes = sql::FindType(source.type.name)->bytes;
  if (source.type.zerofill) {
    notes.Lossy(column.place, "ZEROFILL is left out: numbers show without zeroes before them");
  }
  if (!source.type.is_unsigned) return bytes <= 2 ? "smallint" : bytes <= 4 ? "integer" : "bigint";
  if (bytes <= 4) {
    std::string type = bytes == 1 ? "smallint" : bytes <= 3 ? "integer" : "bigint";
    notes.Same(column.place, fmt::format("{} UNSIGNED becomes {}, which takes negative numbers too",
                                         absl::AsciiStrToUpper(source.type.name), type));
    return type;
  }
  // All columns of a foreign key have to be of types that compare by one index, and the parent's is
  // often an AUTO_INCREMENT column: PostgreSQL compares a bigint with a numeric one, but not the
  // other way round.
  const bool referring = HasForeignKey(table, source.name);
  if (source.auto_increment || referring) {
    notes.Lossy(column.place,
                fmt::format("BIGINT UNSIGNED becomes bigint, as {}: values above "
                            "9223372036854775807 are errors",
                            source.auto_increment ? "numeric columns cannot count by themselves"
                                                  : "it is part of a foreign key"));
    return "bigint";
  }
  notes.Same(column.place, "BIGINT UNSIGNED becomes numeric(20,0), which takes all its values");
  return "numeric(20,0)";
}

std::string RealType(const PlannedColumn& column, NoteTaker& notes) {
  const DataType& type = column.source->type;
  if (type.decimals) {
    notes.Lossy(column.place,
                fmt::format("new values are not rounded to {} decimals any more", *type.decimals));
  }
  if (type.is_unsigned) notes.Same(column.place, "UNSIGNED is left out: negative numbers fit too");
  return column.kind == TypeKind::kFloat ? "real" : "double precision";
}

std::string DecimalType(const PlannedColumn& column, NoteTaker& notes) {
  const DataType& type = column.source->type;
  if (type.is_unsigned) notes.Same(column.place, "UNSIGNED is left out: negative numbers fit too");
  if (type.zerofill)
    notes.Lossy(column.place, "ZEROFILL is left out: numbers show without zeroes before them");
  return fmt::format("numeric({},{})", type.length.value_or(10), type.decimals.value_or(0));
}

std::string TextType(const PlannedColumn& column, NoteTaker& notes) {
  const DataType& type = column.source->type;
  if (!type.compressed.empty())
    notes.Same(column.place, "COMPRESSED is left out: the server compresses long values itself");
  if (type.name != "char" && type.name != "varchar") return "text";
  if (type.length.value_or(1) == 0) {
    notes.Lossy(column.place, "becomes text: PostgreSQL has no strings of at most 0 characters");
    return "text";
  }
  return fmt::format("character varying({})", type.length.value_or(1));
}

std::string BinaryType(const PlannedColumn& column, NoteTaker& notes) {
  const DataType& type = column.source->type;
  if (type.name == "vector") {
    notes.Lossy(column.place, "VECTOR becomes bytea: the same bytes, of which any number fits");
  } else if (type.length) {
    notes.Same(column.place, fmt::format("{}({}) becomes bytea, of which any number of bytes fits",
                                         absl::AsciiStrToUpper(type.name), *type.length));
  }
  return "bytea";
}

std::string JsonType(const sql::TableDefinition& table, const PlannedColumn& column,
                     NoteTaker& notes) {
  if (table.flavour == sql::Flavour::kMySql) {
    notes.Lossy(column.place,
                "JSON becomes jsonb: dates, decimals and bytes that MySQL keeps as such within a "
                "document are the strings and numbers that they print as");
    return "jsonb";
  }
  if (HasKey(table, column.source->name)) {
    notes.Lossy(
        column.place,
        "JSON becomes text, as a key is over it and PostgreSQL's json has none; that values "
        "are documents is not checked");
    return "text";
  }
  notes.Same(column.place, "JSON becomes json, which keeps the text");
  return "json";
}

// By the rules, without casts.
std::string UsualType(const sql::TableDefinition& table, const PlannedColumn& column,
                      NoteTaker& notes) {
  const ColumnDefinition& source = *column.source;
  const DataType& type = source.type;
  switch (column.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
      return IntegerType(table, column, notes);
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return RealType(column, notes);
    case TypeKind::kDecimal:
      return DecimalType(column, notes);
    case TypeKind::kBit:
      return fmt::format("bit({})", type.length.value_or(1));
    case TypeKind::kYear:
      if (type.length == 2) {
        notes.Refuse(column.place, "YEAR(2) stands for years that its values do not tell",
                     "ALTER TABLE ... MODIFY it to YEAR(4) on the source, or exclude the table");
      }
      return "smallint";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTime:
      notes.Lossy(
          column.place,
          "TIME becomes time: values below 00:00:00 or above 24:00:00 are errors; a cast to "
          "interval takes them all");
      return WithSeconds("time without time zone", type);
    case TypeKind::kDateTime:
      return WithSeconds("timestamp without time zone", type);
    case TypeKind::kTimestamp:
      return WithSeconds("timestamp with time zone", type);
    case TypeKind::kText:
      return TextType(column, notes);
    case TypeKind::kBinary:
      return BinaryType(column, notes);
    case TypeKind::kEnum:
      notes.Lossy(column.place,
                  "ENUM becomes text with a check: it sorts as text, and rows with the error value "
                  "'' are errors");
      return "text";
    case TypeKind::kSet:
      notes.Lossy(column.place, "SET becomes text, its members joined by commas: any text fits");
      return "text";
    case TypeKind::kJson:
      return JsonType(table, column, notes);
    case TypeKind::kGeometry:
      notes.Lossy(column.place,
                  fmt::format("{} becomes bytea with the shape as WKB: no reference system (SRID), "
                              "no functions",
                              absl::AsciiStrToUpper(type.name)));
      return "bytea";
    case TypeKind::kUuid:
      notes.Lossy(column.place, "UUID becomes uuid: it sorts by its first digits first");
      return "uuid";
    case TypeKind::kInet4:
    case TypeKind::kInet6:
      notes.Same(column.place, fmt::format("{} becomes inet, which takes networks too",
                                           absl::AsciiStrToUpper(type.name)));
      return "inet";
  }
  return "text";
}

config::TypePattern PatternOf(const PlannedColumn& column) {
  const DataType& type = column.source->type;
  config::TypePattern pattern;
  pattern.name = column.is_checked_json ? "json" : type.name;
  pattern.length = type.length;
  pattern.decimals = type.decimals;
  pattern.is_unsigned = type.is_unsigned;
  return pattern;
}

}  // namespace

bool PlannedColumn::IsInteger() const {
  return base == "smallint" || base == "integer" || base == "bigint";
}

bool PlannedColumn::IsString() const { return base == "text" || base == "character varying"; }

TypeKind KindOf(const ColumnDefinition& column) {
  const sql::TypeTraits* traits = sql::FindType(column.type.name);
  if (traits == nullptr) return TypeKind::kText;
  if (traits->kind == TypeKind::kInt && column.type.is_unsigned) return TypeKind::kUint;
  return traits->kind;
}

std::vector<PlannedColumn> PlanColumns(const sql::TableDefinition& table,
                                       const config::Casts& casts, NoteTaker& notes) {
  std::vector<PlannedColumn> columns;
  for (const ColumnDefinition& source : table.columns) {
    PlannedColumn column;
    column.source = &source;
    column.place = "column " + sql::QuoteIdentifier(source.name);
    column.kind = KindOf(source);
    column.is_checked_json = table.flavour == sql::Flavour::kMariaDb &&
                             column.kind == TypeKind::kText && IsJsonCheck(source);
    if (column.is_checked_json) column.kind = TypeKind::kJson;
    const config::CastRule* rule = casts.Find(table.name, source.name, PatternOf(column));
    if (rule != nullptr) {
      column.is_cast = true;
      column.type = CastColumn(column, *rule, notes);
    }
    if (column.type.empty()) column.type = UsualType(table, column, notes);
    column.base = column.type.starts_with("bit(") ? "bit" : CastType(column.type);
    columns.push_back(std::move(column));
  }
  return columns;
}

TextComparison ComparisonOf(const sql::CharsetChoice& charset) {
  const std::string& name = charset.collation;
  if (charset.charset == "binary" || name == "utf8mb4_0900_bin" || name.ends_with("_nopad_bin"))
    return TextComparison::kBytes;
  return name.ends_with("_bin") ? TextComparison::kPadded : TextComparison::kOther;
}

}  // namespace godwit::connectors::postgres
