#include "connectors/mysql/from_postgres/postgres_casts.h"

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <optional>
#include <span>

#include "base/text.h"
#include "sql/data_type.h"
#include "sql/parser.h"

namespace godwit::connectors::mysql {
namespace {

using sql::DataType;
using sql::Flavour;
using std::string_view;
using Names = std::span<const string_view>;

// What values of a kind may become: PostgreSQL's text of them has to be one that rows take (see
// postgres_value.h).
Names TargetsOf(const PlannedColumn& column) {
  static constexpr string_view kIntegers[] = {"tinyint",  "smallint", "mediumint",  "int",
                                              "bigint",   "decimal",  "char",       "varchar",
                                              "tinytext", "text",     "mediumtext", "longtext"};
  static constexpr string_view kBooleans[] = {"tinyint", "smallint", "mediumint", "int", "bigint"};
  static constexpr string_view kReals[] = {"float",    "double", "char",       "varchar",
                                           "tinytext", "text",   "mediumtext", "longtext"};
  static constexpr string_view kDoubles[] = {"double", "char",       "varchar", "tinytext",
                                             "text",   "mediumtext", "longtext"};
  static constexpr string_view kNumerics[] = {"decimal", "char",       "varchar", "tinytext",
                                              "text",    "mediumtext", "longtext"};
  static constexpr string_view kWholeNumerics[] = {"decimal",  "tinyint", "smallint",   "mediumint",
                                                   "int",      "bigint",  "char",       "varchar",
                                                   "tinytext", "text",    "mediumtext", "longtext"};
  static constexpr string_view kTexts[] = {"varchar", "char",       "tinytext",
                                           "text",    "mediumtext", "longtext"};
  static constexpr string_view kBytes[] = {"varbinary", "tinyblob", "blob", "mediumblob",
                                           "longblob"};
  static constexpr string_view kDates[] = {"date",     "datetime", "char",       "varchar",
                                           "tinytext", "text",     "mediumtext", "longtext"};
  static constexpr string_view kTimes[] = {"time", "char",       "varchar", "tinytext",
                                           "text", "mediumtext", "longtext"};
  static constexpr string_view kIntervals[] = {"varchar", "char",       "tinytext", "text",
                                               "time",    "mediumtext", "longtext"};
  static constexpr string_view kDateTimes[] = {"datetime", "timestamp", "char",       "varchar",
                                               "tinytext", "text",      "mediumtext", "longtext"};
  static constexpr string_view kDocuments[] = {"json", "longtext", "mediumtext",
                                               "text", "tinytext", "varchar"};
  static constexpr string_view kUuids[] = {"uuid", "char",       "varchar", "tinytext",
                                           "text", "mediumtext", "longtext"};
  static constexpr string_view kBits[] = {"bit",  "char",       "varchar", "tinytext",
                                          "text", "mediumtext", "longtext"};
  static constexpr string_view kLabels[] = {"enum", "varchar",    "char",    "tinytext",
                                            "text", "mediumtext", "longtext"};
  switch (column.kind) {
    case PostgresKind::kInteger:
    case PostgresKind::kOid:
      return kIntegers;
    case PostgresKind::kBoolean:
      return kBooleans;
    case PostgresKind::kReal:
      return kReals;
    case PostgresKind::kDouble:
      return kDoubles;
    case PostgresKind::kNumeric: {
      const std::vector<int>& numbers = column.from.modifiers;
      const bool whole = !numbers.empty() && (numbers.size() == 1 || numbers[1] <= 0);
      return whole ? Names(kWholeNumerics) : Names(kNumerics);
    }
    case PostgresKind::kBytes:
      return kBytes;
    case PostgresKind::kDate:
      return kDates;
    case PostgresKind::kTime:
      return kTimes;
    case PostgresKind::kInterval:
      return kIntervals;
    case PostgresKind::kDateTime:
    case PostgresKind::kInstant:
      return kDateTimes;
    case PostgresKind::kJson:
    case PostgresKind::kJsonb:
    case PostgresKind::kArray:
      return kDocuments;
    case PostgresKind::kUuid:
      return kUuids;
    case PostgresKind::kBits:
      return kBits;
    case PostgresKind::kEnum:
      return kLabels;
    default:
      return kTexts;
  }
}

// The type with what makes it a document; nothing where the text is no type and nothing else.
std::optional<sql::ColumnDefinition> Parse(const std::string& text, Flavour to) {
  // Labels, lengths and signs are a type's; quotes and the like would be more than that.
  const bool plain = absl::c_all_of(text, [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == ' ' || c == '(' || c == ')' || c == ',';
  });
  if (!plain) return std::nullopt;
  sql::ParseOptions options;
  options.default_schema = "s";
  options.flavour = to;
  auto table = sql::ParseDefinition(
      fmt::format("CREATE TABLE `t` (`c` {}) DEFAULT CHARSET=utf8mb4 COLLATE={}", text,
                  UsualCharset(to).collation),
      options, {});
  if (!table.ok() || table->columns.size() != 1 || !table->keys.empty() || !table->checks.empty())
    return std::nullopt;
  const sql::ColumnDefinition column = table->columns[0];
  sql::ColumnDefinition bare;
  bare.name = column.name;
  bare.type = column.type;
  bare.check = column.check;
  if (!(column == bare) || column.type.zerofill || !column.type.compressed.empty())
    return std::nullopt;
  const sql::CharsetChoice& charset = column.type.charset;
  const bool usual =
      charset.charset.empty() || charset == UsualCharset(to) || !column.check.empty();
  return usual ? std::optional(column) : std::nullopt;
}

// What values would lose without an error; empty: nothing.
std::string WouldLose(const PlannedColumn& column, const DataType& type) {
  if (type.name == "time" || type.name == "datetime" || type.name == "timestamp") {
    const int own = column.kind == PostgresKind::kDate ? 0 : column.Digits();
    if (static_cast<int>(type.length.value_or(0)) < own)
      return fmt::format("its values have {} digits of fractions of seconds, which would be cut",
                         own);
  }
  if (type.name == "bit") {
    const int own = column.from.Modifier(1);
    if (static_cast<int>(type.length.value_or(1)) != own)
      return fmt::format("its values have {} bits, no more and no less", own);
  }
  return "";
}

// What one should know of such a cast.
std::string Caveat(const PlannedColumn& column) {
  const DataType& type = column.type;
  if (type.name == "timestamp") return "values before 1970 and after 2038 are errors";
  if (type.name == "datetime" && column.kind == PostgresKind::kInstant)
    return "the time in UTC, whatever the session's time zone is";
  if (type.name == "float") return "the target shows six digits, and finds no value by them";
  if (column.kind == PostgresKind::kArray) return "an array of its values as a document";
  if (column.kind == PostgresKind::kInterval && type.name == "time")
    return "those with days, months or years are errors";
  const bool limited = type.name == "varchar" || type.name == "char" || type.name == "varbinary";
  return limited ? "longer values are errors" : "";
}

// What a type may not be on the target; empty: it may.
std::string NoType(const DataType& type, const std::string& said, Flavour to) {
  const uint32_t length = type.length.value_or(0), decimals = type.decimals.value_or(0);
  if (type.name == "uuid" && to == Flavour::kMySql) return "MySQL has no UUID";
  if (type.name == "char" && length > 255) return "CHAR takes 255 characters";
  if (type.name == "decimal" && said.find('(') == std::string::npos)
    return "it has to say how many digits, as DECIMAL(20,4) does";
  if (type.name == "decimal" &&
      (length > 65 || decimals > (to == Flavour::kMySql ? 30u : 38u) || decimals > length))
    return "there are no such numbers of digits";
  const bool of_time = type.name == "time" || type.name == "datetime" || type.name == "timestamp";
  if (of_time && length > 6) return "seconds have six digits behind the point";
  return "";
}

}  // namespace

bool CastColumn(PlannedColumn& column, const config::CastRule& rule, Flavour to,
                sql::NoteTaker& notes) {
  const Names allowed = TargetsOf(column);
  const auto refuse = [&](const std::string& why) {
    notes.Refuse(column.place, rule.Said() + why, config::RemedyOfCast(allowed));
    return false;
  };
  const bool enumeration = column.kind == PostgresKind::kEnum;
  if (enumeration && base::EqualsIgnoreCase(rule.to, "enum")) return false;  // as it would be
  const std::optional<sql::ColumnDefinition> parsed = Parse(rule.to, to);
  if (!parsed) return refuse(", which is no type of the target");
  DataType type = parsed->type;
  const bool document = !parsed->check.empty() || type.name == "json";
  if (!absl::c_linear_search(allowed, string_view(document ? "json" : type.name)))
    return refuse(", which its values do not become");
  if (const std::string why = NoType(type, rule.to, to); !why.empty()) return refuse(": " + why);
  const bool of_time = type.name == "time" || type.name == "datetime" || type.name == "timestamp";
  if (of_time && rule.to.find('(') == std::string::npos && column.kind != PostgresKind::kDate &&
      column.Digits() > 0)
    type.length = static_cast<uint32_t>(column.Digits());
  if (const std::string lost = WouldLose(column, type); !lost.empty()) return refuse(": " + lost);
  if (document) {
    MakeDocument(column, to);
  } else {
    column.type = std::move(type);
  }
  const std::string what =
      fmt::format("becomes {} by `casts`",
                  document ? "JSON" : absl::AsciiStrToUpper(sql::TypeText(column.type, to)));
  notes.SameBut(column.place, what, Caveat(column));
  return true;
}

}  // namespace godwit::connectors::mysql
