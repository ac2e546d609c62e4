#include "connectors/postgres/from_mysql/cast_types.h"

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>
#include <fmt/format.h>

#include <optional>
#include <span>
#include <vector>

#include "base/text.h"

namespace godwit::connectors::postgres {
namespace {

using model::TypeKind;
using std::string_view;

struct TypeName {
  string_view word;
  string_view base;
};
// What the server calls the types that columns are cast to.
constexpr TypeName kNames[] = {
    {"int2", "smallint"},
    {"int", "integer"},
    {"int4", "integer"},
    {"int8", "bigint"},
    {"decimal", "numeric"},
    {"float4", "real"},
    {"float8", "double precision"},
    {"bool", "boolean"},
    {"varchar", "character varying"},
    {"timestamp", "timestamp without time zone"},
    {"timestamptz", "timestamp with time zone"},
    {"time", "time without time zone"},
    {"varbit", "bit varying"},
};

struct Target {
  std::string base;
  std::vector<uint32_t> numbers;  // in its parentheses
};

std::optional<Target> Parse(string_view text) {
  std::string words = absl::AsciiStrToLower(std::string(text));
  Target target;
  if (const size_t open = words.find('('); open != std::string::npos) {
    const size_t close = words.find(')', open);
    if (close == std::string::npos) return std::nullopt;
    const std::string inner = words.substr(open + 1, close - open - 1);
    for (const auto piece : absl::StrSplit(inner, ',')) {
      const auto bare = absl::StripAsciiWhitespace(piece);
      const auto number = base::ParseInteger<uint32_t>({bare.data(), bare.size()});
      if (!number) return std::nullopt;
      target.numbers.push_back(*number);
    }
    words.replace(open, close + 1 - open, " ");
  }
  absl::RemoveExtraAsciiWhitespace(&words);
  target.base = words;
  for (const TypeName& name : kNames) {
    if (name.word == words) target.base = name.base;
  }
  return target;
}

constexpr uint32_t kMostDigits = 6;  // of seconds

bool IsInstant(string_view base) {
  return base.starts_with("time") || base.starts_with("interval");
}

// The numbers that a type takes; those of a time are the source's where none are given.
bool NumbersFit(const Target& target) {
  const std::vector<uint32_t>& n = target.numbers;
  if (target.base == "numeric") {
    return n.empty() ||
           (n.size() <= 2 && n[0] >= 1 && n[0] <= 1000 && (n.size() == 1 || n[1] <= n[0]));
  }
  if (IsInstant(target.base)) return n.empty() || (n.size() == 1 && n[0] <= kMostDigits);
  if (target.base == "character varying")
    return n.empty() || (n.size() == 1 && n[0] >= 1 && n[0] <= 10'485'760);
  if (target.base.starts_with("bit"))
    return n.empty() || (n.size() == 1 && n[0] >= 1 && n[0] <= 83'886'080);
  return n.empty();
}

using Names = std::span<const string_view>;

// What values of a kind may become: their text on the way has to be one that the type reads.
Names TargetsOf(const PlannedColumn& column) {
  static constexpr string_view kIntegers[] = {"smallint", "integer", "bigint",           "numeric",
                                              "boolean",  "text",    "character varying"};
  static constexpr string_view kWholeDecimals[] = {"numeric", "smallint", "integer",
                                                   "bigint",  "text",     "character varying"};
  static constexpr string_view kDecimals[] = {"numeric", "text", "character varying"};
  static constexpr string_view kFloats[] = {"real", "double precision", "numeric", "text",
                                            "character varying"};
  static constexpr string_view kDoubles[] = {"double precision", "numeric", "text",
                                             "character varying"};
  static constexpr string_view kBits[] = {"bit", "bit varying", "text", "character varying"};
  static constexpr string_view kBit[] = {"boolean", "bit", "bit varying", "text",
                                         "character varying"};
  static constexpr string_view kDates[] = {"date", "timestamp without time zone", "text",
                                           "character varying"};
  static constexpr string_view kTimes[] = {"interval", "time without time zone", "text",
                                           "character varying"};
  static constexpr string_view kInstants[] = {"timestamp without time zone",
                                              "timestamp with time zone", "date", "text",
                                              "character varying"};
  static constexpr string_view kLabels[] = {"text", "character varying"};
  static constexpr string_view kTexts[] = {"text", "character varying", "citext", "uuid",  "inet",
                                           "cidr", "macaddr",           "json",   "jsonb", "xml"};
  static constexpr string_view kDocuments[] = {"jsonb", "json", "text"};
  static constexpr string_view kBinaries[] = {"bytea"};
  static constexpr string_view kUuids[] = {"uuid", "text", "character varying"};
  static constexpr string_view kAddresses[] = {"inet", "text", "character varying"};
  switch (column.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
    case TypeKind::kYear:
      return kIntegers;
    case TypeKind::kDecimal:
      return column.source->type.decimals.value_or(0) == 0 ? Names(kWholeDecimals)
                                                           : Names(kDecimals);
    case TypeKind::kFloat:
      return kFloats;
    case TypeKind::kDouble:
      return kDoubles;
    case TypeKind::kBit:
      return column.source->type.length.value_or(1) == 1 ? Names(kBit) : Names(kBits);
    case TypeKind::kDate:
      return kDates;
    case TypeKind::kTime:
      return kTimes;
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
      return kInstants;
    case TypeKind::kEnum:
    case TypeKind::kSet:
      return kLabels;
    case TypeKind::kText:
      return kTexts;
    case TypeKind::kJson:
      return kDocuments;
    case TypeKind::kBinary:
    case TypeKind::kGeometry:
      return kBinaries;
    case TypeKind::kUuid:
      return kUuids;
    case TypeKind::kInet4:
    case TypeKind::kInet6:
      return kAddresses;
  }
  return kLabels;
}

// What values would lose without an error; empty: nothing.
std::string WouldLose(const PlannedColumn& column, const Target& target) {
  const sql::DataType& type = column.source->type;
  if (target.base == "numeric" && !target.numbers.empty()) {
    const uint32_t scale = target.numbers.size() > 1 ? target.numbers[1] : 0;
    const bool is_float = column.kind == TypeKind::kFloat || column.kind == TypeKind::kDouble;
    if (is_float || scale < type.decimals.value_or(0)) return "decimals would be rounded off";
  }
  if (IsInstant(target.base) && !target.numbers.empty() &&
      target.numbers[0] < type.length.value_or(0) && column.kind != TypeKind::kDate)
    return "fractions of seconds would be rounded off";
  const uint32_t bits = type.length.value_or(1);
  if (target.base == "bit" && target.numbers.size() == 1 && target.numbers[0] != bits)
    return fmt::format("its values have {} bits, no more and no less", bits);
  if (target.base == "bit" && target.numbers.empty() && bits != 1)
    return "bit without a number is one bit";
  return "";
}

// What one should know of such a cast.
std::string Caveat(const PlannedColumn& column, const Target& target) {
  const TypeKind kind = column.kind;
  const string_view base = target.base;
  const bool is_number =
      kind == TypeKind::kInt || kind == TypeKind::kUint || kind == TypeKind::kYear;
  if (base == "boolean" && is_number) return "values other than 0 and 1 are errors";
  if (base == "timestamp with time zone" && kind == TypeKind::kDateTime)
    return "its values, which have no time zone, are taken for UTC";
  if (base == "timestamp without time zone" && kind == TypeKind::kTimestamp)
    return "its values are the time in UTC";
  if (base == "date" && kind != TypeKind::kDate) return "the time of day is lost";
  if (kind == TypeKind::kEnum) return "any text fits, as it has no check";
  if (base == "citext") return "the extension citext has to be in the target's database";
  return "";
}

}  // namespace

std::string InstantType(string_view base, uint32_t digits) {
  const size_t end = std::min(base.find(' '), base.size());
  return fmt::format("{}({}){}", base.substr(0, end), digits, base.substr(end));
}

std::string CastColumn(const PlannedColumn& column, const config::CastRule& rule,
                       sql::NoteTaker& notes) {
  const Names allowed = TargetsOf(column);
  const auto refuse = [&](const std::string& why) {
    notes.Refuse(column.place, rule.Said() + why, config::RemedyOfCast(allowed));
    return std::string();
  };
  const std::optional<Target> target = Parse(rule.to);
  if (!target || !absl::c_linear_search(allowed, target->base) || !NumbersFit(*target))
    return refuse(", which its values do not become");
  if (const std::string lost = WouldLose(column, *target); !lost.empty())
    return refuse(": " + lost);
  std::string type = target->base;
  if (IsInstant(type)) {
    const sql::DataType& source = column.source->type;
    const uint32_t own = column.kind == TypeKind::kDate ? 0 : source.length.value_or(0);
    type = InstantType(type, target->numbers.empty() ? own : target->numbers[0]);
  } else if (type == "bit") {
    type = fmt::format("bit({})", column.source->type.length.value_or(1));
  } else if (type == "numeric" && target->numbers.size() == 1) {
    type = fmt::format("numeric({},0)", target->numbers[0]);
  } else if (!target->numbers.empty()) {
    type += fmt::format("({})", absl::StrJoin(target->numbers, ","));
  }
  notes.SameBut(column.place, fmt::format("becomes {} by `casts`", type), Caveat(column, *target));
  return type;
}

}  // namespace godwit::connectors::postgres
