#include "connectors/mysql/from_postgres/from_postgres_types.h"

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "connectors/mysql/from_postgres/postgres_casts.h"
#include "sql/data_type.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using sql::DataType;
using sql::Flavour;
using sql::NoteTaker;
using std::string_view;

struct Known {
  string_view name;
  PostgresKind kind;
};
constexpr string_view kCitext = "citext";
constexpr Known kKnown[] = {
    {"smallint", PostgresKind::kInteger},
    {"integer", PostgresKind::kInteger},
    {"bigint", PostgresKind::kInteger},
    {"oid", PostgresKind::kOid},
    {"boolean", PostgresKind::kBoolean},
    {"real", PostgresKind::kReal},
    {"double precision", PostgresKind::kDouble},
    {"numeric", PostgresKind::kNumeric},
    {"money", PostgresKind::kMoney},
    {"text", PostgresKind::kText},
    {"character varying", PostgresKind::kText},
    {"name", PostgresKind::kText},
    {"\"char\"", PostgresKind::kText},
    {kCitext, PostgresKind::kText},
    {"character", PostgresKind::kPaddedText},
    {"bytea", PostgresKind::kBytes},
    {"date", PostgresKind::kDate},
    {"time without time zone", PostgresKind::kTime},
    {"time with time zone", PostgresKind::kZonedTime},
    {"interval", PostgresKind::kInterval},
    {"timestamp without time zone", PostgresKind::kDateTime},
    {"timestamp with time zone", PostgresKind::kInstant},
    {"json", PostgresKind::kJson},
    {"jsonb", PostgresKind::kJsonb},
    {"uuid", PostgresKind::kUuid},
    {"inet", PostgresKind::kAddress},
    {"cidr", PostgresKind::kAddress},
    {"macaddr", PostgresKind::kAddress},
    {"macaddr8", PostgresKind::kAddress},
    {"bit", PostgresKind::kBits},
    {"bit varying", PostgresKind::kVarBits},
};

constexpr uint32_t kMostDigits = 65;
constexpr uint32_t kMostBits = 64;
constexpr uint32_t kLongestChar = 255;
constexpr uint32_t kMostLabels = 65535;
constexpr uint32_t kLabelBytes = 63;  // that PostgreSQL gives one

DataType Plain(string_view name) {
  DataType type;
  type.name = name;
  return type;
}

// Of a type of time with so many digits of seconds.
DataType WithSeconds(string_view name, const PlannedColumn& column) {
  DataType type = Plain(name);
  const int digits = column.Digits();
  if (digits > 0) type.length = static_cast<uint32_t>(digits);
  return type;
}

std::string Upper(const DataType& type, Flavour to) {
  return absl::AsciiStrToUpper(sql::TypeText(type, to));
}

DataType DecimalType(const PlannedColumn& column, Flavour to, NoteTaker& notes) {
  const uint32_t most_scale = to == Flavour::kMySql ? 30 : 38;
  DataType type = Plain("decimal");
  const std::vector<int>& numbers = column.from.modifiers;
  if (numbers.empty()) {
    type.length = kMostDigits;
    type.decimals = 30;
    notes.Lossy(column.place,
                "numeric without limits becomes DECIMAL(65,30): more than 35 digits before or 30 "
                "behind the point are errors, and all show 30 behind it; a cast can say others");
    return type;
  }
  const int digits = numbers[0], scale = numbers.size() > 1 ? numbers[1] : 0;
  const auto before = static_cast<uint32_t>(std::max(digits - scale, 0));
  const auto behind = static_cast<uint32_t>(std::max(scale, 0));
  const uint32_t kept = std::min(behind, most_scale);
  type.decimals = kept;
  type.length = std::clamp(before + kept, 1u, kMostDigits);
  if (before + behind > *type.length && before + behind > 0) {
    notes.Lossy(column.place,
                fmt::format("{} becomes DECIMAL({},{}): values of more digits are errors",
                            column.written, *type.length, *type.decimals));
  } else if (scale < 0 || scale > digits) {
    notes.Lossy(column.place, fmt::format("{} becomes DECIMAL({},{}): other values fit too",
                                          column.written, *type.length, *type.decimals));
  }
  return type;
}

DataType TextType(const PlannedColumn& column, Flavour to) {
  const PostgresType& from = column.from;
  sql::CharsetChoice charset = UsualCharset(to);
  if (from.name == kCitext) {
    charset.collation =
        to == Flavour::kMySql ? "utf8mb4_0900_as_ci" : "utf8mb4_uca1400_nopad_as_ci";
  }
  if (from.name == "name") return TextOfLength(kLabelBytes, charset);
  if (from.name == "\"char\"") return TextOfLength(4, charset);
  if (from.modifiers.empty()) return TextOfLength(0, charset);
  return TextOfLength(static_cast<uint64_t>(from.modifiers[0]), charset);
}

DataType PaddedType(const PlannedColumn& column, Flavour to, NoteTaker& notes) {
  const std::vector<int>& numbers = column.from.modifiers;
  const uint64_t length = numbers.empty() ? 0 : static_cast<uint64_t>(numbers[0]);
  if (length > 0 && length <= kLongestChar) {
    DataType type = Plain("char");
    type.length = static_cast<uint32_t>(length);
    type.charset = UsualCharset(to);
    return type;
  }
  DataType type = TextOfLength(length, UsualCharset(to));
  notes.Lossy(column.place,
              fmt::format("{} becomes {}, without the blanks at the end of its values",
                          column.written, Upper(type, to)));
  return type;
}

DataType BitType(const PlannedColumn& column, Flavour to, NoteTaker& notes) {
  const std::vector<int>& numbers = column.from.modifiers;
  const auto length = static_cast<uint64_t>(numbers.empty() ? 0 : numbers[0]);
  if (column.kind == PostgresKind::kBits && length <= kMostBits) {
    DataType type = Plain("bit");
    type.length = static_cast<uint32_t>(std::max<uint64_t>(length, 1));
    return type;
  }
  DataType type = TextOfLength(length, UsualCharset(to));
  notes.Lossy(column.place, fmt::format("{} becomes {}: text of the digits 0 and 1", column.written,
                                        Upper(type, to)));
  return type;
}

// Labels that the target keeps apart, as they are.
bool CanBeEnum(const std::vector<std::string>& labels) {
  return !labels.empty() && labels.size() <= kMostLabels &&
         absl::c_none_of(labels, [](const std::string& label) { return label.ends_with(' '); });
}

DataType EnumType(const PlannedColumn& column, Flavour to, NoteTaker& notes) {
  const std::vector<std::string>& labels = column.source->labels;
  if (CanBeEnum(labels)) {
    DataType type = Plain("enum");
    type.labels = labels;
    type.charset = UsualCharset(to);
    return type;
  }
  notes.Lossy(column.place,
              fmt::format("{} becomes VARCHAR({}): {}; any text fits, and it sorts as text",
                          column.written, kLabelBytes,
                          labels.empty() ? "its labels are not known"
                                         : "ENUM has no labels with blanks at their end"));
  return TextOfLength(kLabelBytes, UsualCharset(to));
}

DataType UuidType(const PlannedColumn& column, Flavour to, NoteTaker& notes) {
  if (to == Flavour::kMariaDb) {
    // A quarter of all hashes that are taken for UUIDs, and one in 64 of those of version 8.
    notes.Lossy(column.place,
                "uuid becomes UUID: it sorts by its last digits first, and values whose third "
                "group begins with 8 to f, and the fourth with 01 to 80, are errors (md5() makes "
                "many, and version 8 some), unless a cast makes it CHAR(36)");
    return Plain("uuid");
  }
  DataType type = Plain("char");
  type.length = 36;
  type.charset = {"ascii", "ascii_general_ci"};
  notes.Lossy(column.place, "uuid becomes CHAR(36): any text fits");
  return type;
}

// What is known by its text.
DataType AsText(const PlannedColumn& column, uint64_t length, const std::string& how, Flavour to,
                NoteTaker& notes) {
  DataType type = TextOfLength(length, UsualCharset(to));
  notes.Lossy(column.place, fmt::format("{} becomes {}: {}", column.written, Upper(type, to), how));
  return type;
}

void UsualType(PlannedColumn& column, Flavour to, NoteTaker& notes) {
  const PostgresType& from = column.from;
  DataType& type = column.type;
  switch (column.kind) {
    case PostgresKind::kInteger:
      type = Plain(from.name == "integer" ? "int" : from.name);
      return;
    case PostgresKind::kOid:
      type = Plain("int");
      type.is_unsigned = true;
      return notes.Same(column.place, "oid becomes INT UNSIGNED");
    case PostgresKind::kBoolean:
      type = Plain("tinyint");
      type.length = 1;
      return notes.Same(column.place, "boolean becomes TINYINT(1): 1 and 0; other numbers fit too");
    case PostgresKind::kReal:
      type = Plain("double");
      return notes.Same(
          column.place,
          "real becomes DOUBLE, which has the same values; of a FLOAT the target shows "
          "six digits, and finds no value by them");
    case PostgresKind::kDouble:
      type = Plain("double");
      return;
    case PostgresKind::kNumeric:
      type = DecimalType(column, to, notes);
      return;
    case PostgresKind::kMoney:
      type = AsText(column, 64, "its text, as the source's lc_monetary has it", to, notes);
      return;
    case PostgresKind::kText:
      type = TextType(column, to);
      return;
    case PostgresKind::kPaddedText:
      type = PaddedType(column, to, notes);
      return;
    case PostgresKind::kBytes:
      type = Plain("longblob");
      return;
    case PostgresKind::kDate:
      type = Plain("date");
      return;
    case PostgresKind::kTime:
      type = WithSeconds("time", column);
      return;
    case PostgresKind::kZonedTime:
      type = AsText(column, 32, "its text", to, notes);
      return;
    case PostgresKind::kInterval:
      type = AsText(column, 128, "its text, which does not sort as intervals do", to, notes);
      return;
    case PostgresKind::kDateTime:
      type = WithSeconds("datetime", column);
      return;
    case PostgresKind::kInstant:
      type = WithSeconds("datetime", column);
      return notes.Lossy(column.place,
                         fmt::format("{} becomes {}: the time in UTC, whatever the session's time "
                                     "zone is",
                                     column.written, Upper(type, to)));
    case PostgresKind::kJson:
      MakeDocument(column, to);
      if (to == Flavour::kMySql) {
        notes.Lossy(column.place,
                    "json becomes JSON, which does not keep blanks, the order of members and those "
                    "that come twice; a cast to longtext keeps the text");
      }
      return;
    case PostgresKind::kJsonb:
      MakeDocument(column, to);
      if (to == Flavour::kMariaDb)
        notes.Lossy(column.place, "jsonb becomes JSON, which is text with a check");
      return;
    case PostgresKind::kArray:
      MakeDocument(column, to);
      return notes.Lossy(column.place, column.written + " becomes JSON, an array of its values");
    case PostgresKind::kUuid:
      type = UuidType(column, to, notes);
      return;
    case PostgresKind::kAddress:
      type = AsText(column, 50, "its text, which does not sort as addresses do", to, notes);
      return;
    case PostgresKind::kBits:
    case PostgresKind::kVarBits:
      type = BitType(column, to, notes);
      return;
    case PostgresKind::kEnum:
      type = EnumType(column, to, notes);
      return;
    case PostgresKind::kOther:
      type = AsText(column, 0, "its text", to, notes);
      return;
  }
}

void SetSource(PlannedColumn& column) {
  const sql::postgres::ColumnDefinition& source = *column.source;
  column.written = source.base_type.empty() ? source.type : source.base_type;
  PostgresType& type = column.from;
  if (auto parsed = ParsePostgresType(column.written); parsed.ok())
    type = *std::move(parsed);
  else
    type.name = column.written.substr(0, column.written.find('('));
  if (type.name.starts_with("interval ")) type.name = "interval";
  if (type.name.ends_with(".citext")) type.name = kCitext;
  column.kind =
      type.dimensions == 0 && source.type_class == 'e' ? PostgresKind::kEnum : KindOf(type);
}

config::TypePattern PatternOf(const std::string& type) {
  if (auto pattern = config::TypePattern::Parse(type); pattern.ok()) return *std::move(pattern);
  return {.name = absl::AsciiStrToLower(type.substr(0, type.find('(')))};
}

}  // namespace

bool PlannedColumn::IsString() const {
  const sql::TypeTraits* traits = sql::FindType(type.name);
  return traits != nullptr &&
         (traits->kind == model::TypeKind::kText || traits->kind == model::TypeKind::kBinary);
}

bool PlannedColumn::IsLong() const {
  return IsDocument() || type.name.ends_with("text") || type.name.ends_with("blob");
}

bool PlannedColumn::IsDocument() const { return type.name == "json" || !check.empty(); }

bool PlannedColumn::IsInteger() const {
  const sql::TypeTraits* traits = sql::FindType(type.name);
  return traits != nullptr && traits->kind == model::TypeKind::kInt;
}

PostgresKind KindOf(const PostgresType& type) {
  if (type.dimensions > 0) return PostgresKind::kArray;
  const auto* known = absl::c_find_if(kKnown, [&](const Known& k) { return k.name == type.name; });
  return known == std::end(kKnown) ? PostgresKind::kOther : known->kind;
}

std::vector<PlannedColumn> PlanColumns(const sql::postgres::Definition& table,
                                       const config::Casts& casts, Flavour to, NoteTaker& notes) {
  std::vector<PlannedColumn> columns;
  for (const sql::postgres::ColumnDefinition& source : table.columns) {
    PlannedColumn column;
    column.source = &source;
    column.place = "column " + sql::QuoteIdentifier(source.name);
    SetSource(column);
    const config::CastRule* rule = casts.Find(table.name, source.name, PatternOf(source.type));
    if (rule == nullptr) rule = casts.Find(table.name, source.name, PatternOf(column.written));
    column.is_cast = rule != nullptr && CastColumn(column, *rule, to, notes);
    if (!column.is_cast) UsualType(column, to, notes);
    if (!source.base_type.empty()) {
      notes.Lossy(column.place,
                  fmt::format("{} is a domain of {}: its own checks, NOT NULL and default are left "
                              "out",
                              source.type, source.base_type));
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

void MakeDocument(PlannedColumn& column, Flavour to) {
  column.type = Plain(to == Flavour::kMySql ? "json" : "longtext");
  if (to == Flavour::kMySql) return;
  column.type.charset = {"utf8mb4", "utf8mb4_bin"};
  column.check = fmt::format("json_valid({})", sql::QuoteIdentifier(column.source->name));
}

}  // namespace godwit::connectors::mysql
