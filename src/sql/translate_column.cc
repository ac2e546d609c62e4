#include "sql/translate_column.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include "base/text.h"
#include "sql/collation_twin.h"
#include "sql/data_type.h"
#include "sql/translate_expression.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

using model::TypeKind;

constexpr uint32_t kMostMySqlDecimals = 30;
constexpr std::string_view kOrExclude = "or exclude the table";

TypeKind KindOf(const DataType& type) {
  const TypeTraits* traits = FindType(type.name);
  return traits == nullptr ? TypeKind::kText : traits->kind;
}

DataType AsciiText(std::string_view name, uint32_t length) {
  DataType type;
  type.name = name;
  type.length = length;
  type.charset = {"ascii", "ascii_general_ci"};
  return type;
}

void TypeToMySql(ColumnDefinition& column, const std::string& place, NoteTaker& notes) {
  DataType& type = column.type;
  switch (KindOf(type)) {
    case TypeKind::kUuid:
      type = AsciiText("char", 36);
      return notes.Lossy(place, "UUID becomes CHAR(36): any text fits, and it sorts as text");
    case TypeKind::kInet4:
      type = AsciiText("varchar", 15);
      return notes.Lossy(place, "INET4 becomes VARCHAR(15): any text fits, and it sorts as text");
    case TypeKind::kInet6:
      type = AsciiText("varchar", 45);
      return notes.Lossy(place, "INET6 becomes VARCHAR(45): any text fits, and it sorts as text");
    case TypeKind::kYear:
      if (type.length != 2) return;
      return notes.Refuse(
          place, "MySQL has no YEAR(2), whose values are other numbers",
          fmt::format("ALTER TABLE ... MODIFY it to YEAR(4) on the source, {}", kOrExclude));
    default:
      break;
  }
  if (type.decimals.value_or(0) > kMostMySqlDecimals) {
    notes.Refuse(
        place, fmt::format("MySQL has at most {} decimals", kMostMySqlDecimals),
        fmt::format("ALTER TABLE ... MODIFY the column to fewer decimals on the source, {}",
                    kOrExclude));
  }
  if (!type.compressed.empty()) {
    type.compressed.clear();
    notes.Same(place, "COMPRESSED is left out: the same values, stored uncompressed");
  }
  if (type.name == "geometrycollection") {
    type.name = "geometry";
    notes.Same(place, "GEOMETRYCOLLECTION becomes GEOMETRY: it holds shapes of all kinds, as here");
  }
  if (!type.reference_system.empty()) {
    type.reference_system.clear();
    notes.Same(place, "REF_SYSTEM_ID is left out: it holds no value back, as MySQL's SRID would");
  }
}

void TypeToMariaDb(ColumnDefinition& column, const std::string& place, NoteTaker& notes) {
  DataType& type = column.type;
  switch (KindOf(type)) {
    case TypeKind::kJson:
      type = {};
      type.name = "longtext";
      type.charset = {"utf8mb4", "utf8mb4_bin"};
      column.check = "json_valid(" + QuoteIdentifier(column.name) + ")";
      return notes.Lossy(
          place, "JSON becomes LONGTEXT with a check: documents are text, compared as text");
    case TypeKind::kGeometry:
      if (type.reference_system.empty()) return;
      type.reference_system.clear();
      return notes.Lossy(place,
                         "SRID is left out: values of other reference systems fit, and functions "
                         "take the axes of a geographic one for a plane's");
    default:
      break;
  }
  if (type.name == "vector") {
    type = {};
    type.name = "blob";
    notes.Lossy(place, "VECTOR becomes BLOB: the same bytes, of which any number fits");
  }
}

// A number, a string, NULL, TRUE or FALSE, as far as the first characters tell.
bool IsLiteral(std::string_view text) {
  if (text.empty()) return false;
  if (text[0] == '\'' || text[0] == '-' || text[0] == '+' || absl::ascii_isdigit(text[0]) ||
      text[0] == '.')
    return true;
  if (text.size() > 2 && text[1] == '\'' && std::string_view("bBxX").find(text[0]) != text.npos)
    return true;
  for (std::string_view word : {"NULL", "TRUE", "FALSE"}) {
    if (base::EqualsIgnoreCase(text, word)) return true;
  }
  return false;
}

// MySQL takes a default as it stands where it is a literal, for a time also the current one; all
// else in parentheses, and for long values all but NULL.
void DefaultToMySql(ColumnDefinition& column) {
  std::string& text = column.default_value;
  if (text.empty() || text[0] == '(') return;
  const TypeKind kind = KindOf(column.type);
  const bool is_time = kind == TypeKind::kDateTime || kind == TypeKind::kTimestamp;
  if (is_time && IsCurrentTime(text)) return;
  const std::string& type = column.type.name;
  const bool is_long = type.ends_with("text") || type.ends_with("blob") ||
                       kind == TypeKind::kGeometry || kind == TypeKind::kJson;
  if (IsLiteral(text) && (!is_long || base::EqualsIgnoreCase(text, "NULL"))) return;
  text = "(" + text + ")";
}

void AttributesToMySql(ColumnDefinition& column, const std::string& place, NoteTaker& notes) {
  DefaultToMySql(column);
  if (!column.attributes.empty()) {
    notes.Same(place, fmt::format("{} is left out: it is about storage alone", column.attributes));
    column.attributes.clear();
  }
}

void AttributesToMariaDb(ColumnDefinition& column, const TableDefinition& table,
                         const std::string& place, NoteTaker& notes) {
  if (!column.attributes.empty()) {
    notes.Same(place, fmt::format("{} is left out: it is about storage alone", column.attributes));
    column.attributes.clear();
  }
  const bool computed = column.generated != Generated::kNo;
  if (computed) {
    for (const KeyDefinition& key : table.keys) {
      if (key.kind != KeyKind::kPrimary) continue;
      for (const KeyPart& part : key.parts) {
        if (!base::EqualsIgnoreCase(part.column, column.name)) continue;
        notes.Refuse(
            place, "MariaDB takes no generated column into a primary key",
            fmt::format("give the table another primary key on the source, {}", kOrExclude));
      }
    }
  }
  if (computed && !column.nullable) {
    column.nullable = true;
    notes.Lossy(place, "NOT NULL of a generated column is left out");
  }
  if (column.invisible && !column.nullable && column.default_value.empty() &&
      !column.auto_increment) {
    notes.Refuse(place, "MariaDB takes no invisible column that is NOT NULL and has no default",
                 fmt::format("give it a default or make it visible on the source, {}", kOrExclude));
  }
}

}  // namespace

void TranslateCharset(CharsetChoice& charset, const std::string& place, Flavour to,
                      NoteTaker& notes) {
  if (charset.collation.empty()) return;
  const std::optional<CollationTwin> twin = TwinOf(charset.collation, to);
  if (!twin) {
    return notes.Refuse(
        place, fmt::format("the target has nothing that compares as {} does", charset.collation),
        fmt::format("CONVERT the text on the source to a collation that both have, as {}, {}",
                    charset.charset == "utf8mb4" || charset.charset == "gb18030"
                        ? "utf8mb4_unicode_520_ci"
                        : charset.charset + "_bin",
                    kOrExclude));
  }
  if (twin->collation == charset.collation) return;
  const std::string what = fmt::format("{} becomes {}", charset.collation, twin->collation);
  charset.collation = twin->collation;
  if (twin->difference.empty()) return notes.Same(place, what + ", which compares alike");
  notes.Lossy(place, what + ": " + twin->difference);
}

void TranslateExpressionOf(std::string& expression, const std::string& place,
                           const std::string& what, Flavour to, NoteTaker& notes) {
  if (expression.empty()) return;
  TranslatedExpression translated = TranslateExpression(expression, to);
  expression = std::move(translated.text);
  if (!translated.patterns.empty()) {
    notes.Lossy(place, fmt::format("{} in its {}: MySQL reads regular expressions by the rules of "
                                   "ICU, MariaDB by those of PCRE",
                                   absl::StrJoin(translated.patterns, ", "), what));
  }
  if (translated.unknown.empty()) return;
  notes.Refuse(place,
               fmt::format("the target has no {}, which is in its {}",
                           absl::StrJoin(translated.unknown, ", "), what),
               fmt::format("write the {} without on the source, drop it, {}", what, kOrExclude));
}

void TranslateColumn(ColumnDefinition& column, const TableDefinition& table, Flavour to,
                     NoteTaker& notes) {
  const std::string place = "column " + QuoteIdentifier(column.name);
  const CharsetChoice charset = column.type.charset;
  if (to == Flavour::kMySql) {
    TypeToMySql(column, place, notes);
  } else {
    TypeToMariaDb(column, place, notes);
  }
  // What is as the table's says so once.
  if (!column.type.charset.charset.empty()) {
    if (column.type.charset == table.options.charset) {
      std::vector<TranslationNote> said;
      NoteTaker quietly(said);
      TranslateCharset(column.type.charset, place, to, quietly);
    } else {
      TranslateCharset(column.type.charset, place, to, notes);
    }
  }
  TranslateExpressionOf(column.expression, place, "expression", to, notes);
  TranslateExpressionOf(column.default_value, place, "default", to, notes);
  TranslateExpressionOf(column.check, place, "check", to, notes);
  if (to == Flavour::kMySql) {
    AttributesToMySql(column, place, notes);
  } else {
    AttributesToMariaDb(column, table, place, notes);
  }
}

}  // namespace godwit::sql
