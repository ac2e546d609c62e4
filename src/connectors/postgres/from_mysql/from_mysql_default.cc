#include "connectors/postgres/from_mysql/from_mysql_default.h"

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"
#include "connectors/postgres/from_mysql/from_mysql_expression.h"
#include "connectors/postgres/from_mysql/mysql_literal.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::TypeKind;
using Kind = MysqlLiteral::Kind;
using std::string_view;

// A whole number without what does not count: "-5" of "-05", "3" of "3.00".
std::optional<std::string> Whole(string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (const size_t dot = text.find('.'); dot != string_view::npos) {
    if (text.find_first_not_of('0', dot + 1) != string_view::npos) return std::nullopt;
    text = text.substr(0, dot);
  }
  if (text.empty() || text.find_first_not_of("0123456789") != string_view::npos)
    return std::nullopt;
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size() - 1));
  return negative && text != "0" ? "-" + std::string(text) : std::string(text);
}

bool IsNumber(string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  bool digit = false, dot = false;
  size_t i = 0;
  for (; i < text.size(); ++i) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) {
      digit = true;
    } else if (text[i] == '.' && !dot) {
      dot = true;
    } else {
      break;
    }
  }
  if (!digit) return false;
  if (i == text.size()) return true;
  if (text[i] != 'e' && text[i] != 'E') return false;
  string_view exponent = text.substr(i + 1);
  if (exponent.starts_with('-') || exponent.starts_with('+')) exponent.remove_prefix(1);
  return !exponent.empty() && exponent.find_first_not_of("0123456789") == string_view::npos;
}

// A number that begins with a sign has to stand in quotes or parentheses where more follows it.
std::string NumberText(const std::string& digits) {
  return digits.starts_with('-') || digits.starts_with('+') ? fmt::format("'{}'", digits) : digits;
}

std::string BitsOf(string_view bytes) {
  std::string bits;
  for (const char c : bytes) bits += fmt::format("{:08b}", static_cast<unsigned char>(c));
  return bits;
}

// The digits of a BIT(n) from any literal for one: b'101', 5, x'05'.
std::optional<std::string> BitDigits(const MysqlLiteral& literal, size_t length) {
  std::string digits = literal.value;
  if (literal.kind == Kind::kBytes) digits = BitsOf(digits);
  if (literal.kind == Kind::kText &&
      literal.value.find_first_not_of(std::string(1, '\0') + "\1") == std::string::npos) {
    digits = BitsOf(digits);
  } else if (literal.kind == Kind::kNumber || literal.kind == Kind::kText) {
    const auto number = base::ParseInteger<uint64_t>(literal.value);
    if (!number) return std::nullopt;
    digits = fmt::format("{:b}", *number);
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.size() > length) return std::nullopt;
  return std::string(length - digits.size(), '0') + digits;
}

// A label as the ENUM or SET has it, whatever the case in which a default names it.
const std::string* FindLabel(const std::vector<std::string>& labels, string_view name) {
  const auto same = absl::c_find(labels, name);
  if (same != labels.end()) return &*same;
  const auto like =
      absl::c_find_if(labels, [&](const auto& l) { return base::EqualsIgnoreCase(l, name); });
  return like == labels.end() ? nullptr : &*like;
}

// Members in the order of the type.
std::optional<std::string> Members(const std::vector<std::string>& labels, string_view value) {
  if (value.empty()) return "";
  std::vector<bool> has(labels.size());
  for (const auto name : absl::StrSplit(absl::string_view(value.data(), value.size()), ',')) {
    const std::string* label = FindLabel(labels, {name.data(), name.size()});
    if (label == nullptr) return std::nullopt;
    has[static_cast<size_t>(label - labels.data())] = true;
  }
  std::vector<string_view> members;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (has[i]) members.push_back(labels[i]);
  }
  return fmt::format("{}", fmt::join(members, ","));
}

// The text that a literal is to a column of text.
std::optional<std::string> TextOfLiteral(const MysqlLiteral& literal) {
  if (literal.kind == Kind::kBits) return std::nullopt;
  const bool is_ascii = absl::c_all_of(literal.value, [](char c) { return (c & 0x80) == 0; });
  if (literal.kind == Kind::kBytes && !is_ascii) return std::nullopt;
  if (literal.value.find('\0') != std::string::npos) return std::nullopt;
  return literal.value;
}

class DefaultTranslator {
 public:
  explicit DefaultTranslator(const PlannedColumn& column)
      : column_(column), source_(*column.source) {}

  // Nothing: it is not known what it would be.
  std::optional<std::string> OfLiteral(const MysqlLiteral& literal) const {
    switch (column_.kind) {
      case TypeKind::kInt:
      case TypeKind::kUint:
      case TypeKind::kYear:
        return OfInteger(literal);
      case TypeKind::kFloat:
      case TypeKind::kDouble:
      case TypeKind::kDecimal:
        return OfNumber(literal);
      case TypeKind::kBit:
        return OfBits(literal);
      case TypeKind::kBinary:
        return OfBytes(literal);
      case TypeKind::kEnum:
      case TypeKind::kSet:
        return OfLabels(literal);
      case TypeKind::kDate:
      case TypeKind::kDateTime:
      case TypeKind::kTimestamp:
      case TypeKind::kTime:
        return OfTime(literal);
      case TypeKind::kGeometry:
        return std::nullopt;
      case TypeKind::kText:
      case TypeKind::kJson:
      case TypeKind::kUuid:
      case TypeKind::kInet4:
      case TypeKind::kInet6:
        return OfText(literal);
    }
    return std::nullopt;
  }

 private:
  std::string Quoted(const std::string& value) const { return QuoteText(value); }

  std::optional<std::string> OfInteger(const MysqlLiteral& literal) const {
    if (literal.kind != Kind::kNumber && literal.kind != Kind::kText) return std::nullopt;
    const std::optional<std::string> number = Whole(literal.value);
    if (!number) return std::nullopt;
    if (column_.base == "boolean") {
      if (*number != "0" && *number != "1") return std::nullopt;
      return *number == "1" ? "true" : "false";
    }
    return column_.IsString() ? Quoted(*number) : NumberText(*number);
  }

  std::optional<std::string> OfNumber(const MysqlLiteral& literal) const {
    const bool digits = literal.kind == Kind::kNumber || literal.kind == Kind::kText;
    if (!digits || !IsNumber(literal.value)) return std::nullopt;
    if (column_.IsString()) return Quoted(literal.value);
    if (!column_.IsInteger()) return NumberText(literal.value);
    const std::optional<std::string> number = Whole(literal.value);
    return number ? std::optional(NumberText(*number)) : std::nullopt;
  }

  std::optional<std::string> OfBits(const MysqlLiteral& literal) const {
    const auto digits = BitDigits(literal, source_.type.length.value_or(1));
    if (!digits) return std::nullopt;
    if (column_.base == "boolean") return *digits == "1" ? "true" : "false";
    return column_.IsString() ? Quoted(*digits) : fmt::format("B'{}'", *digits);
  }

  std::optional<std::string> OfBytes(const MysqlLiteral& literal) const {
    if (literal.kind == Kind::kBits || source_.type.name == "vector") return std::nullopt;
    std::string bytes = literal.value;
    if (source_.type.name == "binary" && bytes.size() < source_.type.length.value_or(1))
      bytes.resize(source_.type.length.value_or(1), '\0');
    return fmt::format("'\\x{}'::bytea", absl::BytesToHexString(bytes));
  }

  std::optional<std::string> OfLabels(const MysqlLiteral& literal) const {
    if (literal.kind != Kind::kText) return std::nullopt;
    std::optional<std::string> value;
    if (column_.kind == TypeKind::kSet) {
      value = Members(source_.type.labels, literal.value);
    } else if (const std::string* label = FindLabel(source_.type.labels, literal.value)) {
      value = *label;
    }
    return value ? std::optional(Quoted(*value)) : std::nullopt;
  }

  std::optional<std::string> OfTime(const MysqlLiteral& literal) const {
    if (literal.kind != Kind::kText) return std::nullopt;
    const std::string& value = literal.value;
    if (column_.kind == TypeKind::kTime) {
      const bool fits = column_.base == "time without time zone"
                            ? IsTimeOfDay(value)
                            : value.find_first_not_of("-0123456789:.") == std::string::npos;
      return fits ? std::optional(Quoted(value)) : std::nullopt;
    }
    const bool is_date = column_.kind == TypeKind::kDate;
    if (is_date ? !IsDate(value) : !IsDateTime(value)) return std::nullopt;
    if (column_.base == "date") return Quoted(value.substr(0, 10));
    // The source says it in UTC.
    const bool zoned = column_.base == "timestamp with time zone" ||
                       (column_.kind == TypeKind::kTimestamp && column_.IsString());
    return Quoted(zoned ? value + "+00" : value);
  }

  std::optional<std::string> OfText(const MysqlLiteral& literal) const {
    const std::optional<std::string> text = TextOfLiteral(literal);
    if (!text) return std::nullopt;
    if ((column_.base == "json" || column_.base == "jsonb") && !nlohmann::json::accept(*text))
      return std::nullopt;
    return Quoted(*text);
  }

  const PlannedColumn& column_;
  const sql::ColumnDefinition& source_;
};

// The name of a function that is all of a default, in lower case: "uuid" of "(UUID())"; empty: it
// is something else.
std::string CalledAlone(string_view text) {
  std::string bare;
  for (const char c : text) {
    if (c != ' ') bare.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
  while (bare.starts_with('(') && bare.ends_with(')')) bare = bare.substr(1, bare.size() - 2);
  if (bare.ends_with("()")) bare.resize(bare.size() - 2);
  const bool name = absl::c_all_of(
      bare, [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; });
  return name || bare == "uuid_to_bin(uuid())" ? bare : "";
}

// What a new row gets of the time at which it is made.
std::string CurrentTime(const PlannedColumn& column) {
  const uint32_t digits = column.source->type.length.value_or(0);
  if (column.base == "timestamp with time zone")
    return fmt::format("CURRENT_TIMESTAMP({})", digits);
  if (column.base == "timestamp without time zone")
    return fmt::format("LOCALTIMESTAMP({})", digits);
  if (column.base == "date") return "CURRENT_DATE";
  if (column.base == "time without time zone") return fmt::format("LOCALTIME({})", digits);
  return "";
}

std::string OfFunction(const PlannedColumn& column, const std::string& name,
                       sql::NoteTaker& notes) {
  const auto is = [&](std::initializer_list<string_view> names) {
    return absl::c_linear_search(names, name);
  };
  const TypeKind kind = column.kind;
  if (is({"uuid", "uuid_v4", "uuid_v7"}) && (kind == TypeKind::kUuid || kind == TypeKind::kText)) {
    if (column.base != "uuid" && !column.IsString()) return "";
    notes.Lossy(column.place,
                "its default becomes gen_random_uuid(): of random numbers, not of the time");
    return column.base == "uuid" ? "gen_random_uuid()" : "(gen_random_uuid())::text";
  }
  if (is({"uuid_to_bin(uuid())"}) && kind == TypeKind::kBinary) {
    notes.Lossy(column.place,
                "its default becomes gen_random_uuid(): of random numbers, not of the time");
    return "uuid_send(gen_random_uuid())";
  }
  if (is({"curdate", "current_date"}) && kind == TypeKind::kDate) return CurrentTime(column);
  if (is({"curtime", "current_time"}) && kind == TypeKind::kTime) return CurrentTime(column);
  if (is({"rand"}) && column.base == "double precision") return "random()";
  const bool document = column.base == "json" || column.base == "jsonb";
  if (is({"json_object"}) && document) return "'{}'";
  if (is({"json_array"}) && document) return "'[]'";
  return "";
}

}  // namespace

std::string DefaultFor(const PlannedColumn& column, sql::Flavour flavour, sql::NoteTaker& notes) {
  const std::string& text = column.source->default_value;
  if (text.empty()) return "";
  if (const auto literal = ParseMysqlLiteral(text, flavour)) {
    if (literal->kind == MysqlLiteral::Kind::kNull) return "";
    if (auto value = DefaultTranslator(column).OfLiteral(*literal)) return *value;
    notes.Lossy(column.place,
                fmt::format("its default {} is left out: PostgreSQL has no such value of {}", text,
                            column.type));
    return "";
  }
  string_view bare = text;
  while (bare.starts_with('(') && bare.ends_with(')')) bare = bare.substr(1, bare.size() - 2);
  std::string value;
  const bool of_time = column.kind == TypeKind::kDate || column.kind == TypeKind::kDateTime ||
                       column.kind == TypeKind::kTimestamp;
  if (sql::IsCurrentTime(bare) && bare.find_first_of("+-*/,") == string_view::npos) {
    if (of_time) value = CurrentTime(column);
  } else {
    value = OfFunction(column, CalledAlone(text), notes);
    if (value.empty()) {
      const base::StatusOr<Expression> translated = TranslateMysqlExpression(text, flavour, {});
      if (translated.ok() && translated->caveats.empty()) {
        base::StatusOr<std::string> assigned = AssignTo(column, *translated);
        if (assigned.ok()) value = fmt::format("({})", *assigned);
      }
    }
  }
  if (value.empty()) {
    notes.Lossy(column.place, fmt::format("its default {} is left out: it is not known to be the "
                                          "same on PostgreSQL",
                                          text));
  }
  return value;
}

std::string LabelList(const PlannedColumn& column) {
  return absl::StrJoin(
      column.source->type.labels, ", ",
      [](std::string* out, const std::string& label) { *out += QuoteText(label); });
}

}  // namespace godwit::connectors::postgres
