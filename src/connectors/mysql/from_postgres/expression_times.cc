#include "connectors/mysql/from_postgres/expression_times.h"

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>
#include <absl/strings/str_split.h>

#include <optional>
#include <vector>

#include "base/text.h"

namespace godwit::connectors::mysql {
namespace {

using Result = base::StatusOr<ExpressionValue>;
using std::string_view;

bool HasShape(string_view text, string_view shape) {
  return text.size() >= shape.size() &&
         std::equal(shape.begin(), shape.end(), text.begin(), [](char s, char c) {
           return s == '0' ? absl::ascii_isdigit(static_cast<unsigned char>(c)) : s == c;
         });
}

// The parts of an interval, which are added one after the other.
struct Interval {
  int64_t months = 0, days = 0, micros = 0;
};

std::optional<int64_t> MicrosOf(string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const size_t colon = text.find(':');
  if (colon == string_view::npos || colon > 6) return std::nullopt;
  const auto hours = base::ParseInteger<int64_t>(text.substr(0, colon));
  const string_view rest = text.substr(colon + 1);
  if (!hours || !HasShape(rest, "00:00")) return std::nullopt;
  int64_t micros = (*hours * 3600 + *base::ParseInteger<int>(rest.substr(0, 2)) * 60 +
                    *base::ParseInteger<int>(rest.substr(3, 2))) *
                   1000000;
  if (rest.size() > 5) {
    std::string digits(rest.substr(6));
    if (rest[5] != '.' || digits.empty() || digits.size() > 6) return std::nullopt;
    digits.resize(6, '0');
    const auto fraction = base::ParseInteger<int64_t>(digits);
    if (!fraction) return std::nullopt;
    micros += *fraction;
  }
  return negative ? -micros : micros;
}

// As PostgreSQL writes it: "1 year 2 mons -3 days 04:05:06.7".
std::optional<Interval> ParseInterval(const std::string& text) {
  Interval interval;
  const std::vector<std::string> words = absl::StrSplit(text, ' ');
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i].find(':') != std::string::npos) {
      const auto micros = MicrosOf(words[i]);
      if (!micros || i + 1 != words.size()) return std::nullopt;
      interval.micros = *micros;
      continue;
    }
    const size_t digits = words[i].starts_with('+') ? 1 : 0;
    const auto number = base::ParseInteger<int32_t>(string_view(words[i]).substr(digits));
    if (!number || ++i == words.size()) return std::nullopt;
    const string_view unit = words[i];
    if (unit.starts_with("year")) {
      interval.months += int64_t{*number} * 12;
    } else if (unit.starts_with("mon")) {
      interval.months += *number;
    } else if (unit.starts_with("day")) {
      interval.days = *number;
    } else {
      return std::nullopt;
    }
  }
  return interval;
}

void AddUnits(std::string& sql, int64_t number, string_view unit, bool subtracts) {
  if (number == 0) return;
  const bool minus = (number < 0) != subtracts;
  sql = fmt::format("({} {} INTERVAL {} {})", sql, minus ? "-" : "+", number < 0 ? -number : number,
                    unit);
}

Result WithInterval(ExpressionScope& scope, const ExpressionValue& value, bool subtracts,
                    const ExpressionValue& by) {
  const std::optional<Interval> interval = ParseInterval(by.literal);
  if (!interval) return NotTranslated(fmt::format("the interval {}", by.literal));
  ExpressionValue result = value;
  result.is_literal = false;
  if (value.kind == ValueKind::kTimestampTz && (interval->months != 0 || interval->days != 0)) {
    if (scope.use != ExpressionUse::kDefault)
      return NotTranslated("days of a time zone, which may be longer or shorter,");
    scope.Warn("days and months are added in UTC, where PostgreSQL goes by the time zone");
  }
  if (value.kind == ValueKind::kDate) {
    result = MakeValue(fmt::format("CAST({} AS DATETIME)", value.sql), ValueKind::kTimestamp);
    result.fraction = 0;
  }
  AddUnits(result.sql, interval->months, "MONTH", subtracts);
  AddUnits(result.sql, interval->days, "DAY", subtracts);
  if (interval->micros % 1000000 == 0) {
    AddUnits(result.sql, interval->micros / 1000000, "SECOND", subtracts);
  } else {
    AddUnits(result.sql, interval->micros, "MICROSECOND", subtracts);
    result.fraction = 6;
  }
  ++scope.moves;
  return result;
}

}  // namespace

bool IsPlainDate(string_view text) {
  return text.size() == 10 && HasShape(text, "0000-00-00") && !text.starts_with("0000");
}

bool IsPlainTime(string_view text, int* fraction) {
  *fraction = 0;
  if (!HasShape(text, "00:00:00")) return false;
  if (text.size() == 8) return true;
  *fraction = static_cast<int>(text.size()) - 9;
  return text[8] == '.' && *fraction > 0 && *fraction <= 6 &&
         text.find_first_not_of("0123456789", 9) == string_view::npos;
}

bool IsPlainTimestamp(string_view text, int* fraction) {
  return text.size() >= 19 && text[10] == ' ' && IsPlainDate(text.substr(0, 10)) &&
         IsPlainTime(text.substr(11), fraction);
}

bool IsUtc(string_view zone) {
  return absl::c_any_of(std::initializer_list<string_view>{"utc", "gmt", "etc/utc", "etc/gmt", "z"},
                        [&](string_view name) { return base::EqualsIgnoreCase(zone, name); });
}

Result TimeLiteral(const std::string& text, const PostgresType& type) {
  const base::Status other = NotTranslated(fmt::format("'{}'::{}", text, type.name));
  ExpressionValue result;
  string_view plain = text;
  if (type.Is("date") && IsPlainDate(text)) {
    result = MakeValue(fmt::format("DATE'{}'", text), ValueKind::kDate);
  } else if (type.Is("time without time zone") && IsPlainTime(text, &result.fraction)) {
    const int fraction = result.fraction;
    result = MakeValue(fmt::format("TIME'{}'", text), ValueKind::kTime);
    result.fraction = fraction;
  } else if (type.Is("timestamp without time zone") || type.Is("timestamp with time zone")) {
    const bool zoned = type.Is("timestamp with time zone");
    if (zoned && !plain.ends_with("+00")) return other;
    if (zoned) plain.remove_suffix(3);
    int fraction = 0;
    if (!IsPlainTimestamp(plain, &fraction)) return other;
    result = MakeValue(fmt::format("TIMESTAMP'{}'", plain),
                       zoned ? ValueKind::kTimestampTz : ValueKind::kTimestamp);
    result.fraction = fraction;
  } else if (type.Is("interval")) {
    result = MakeValue("", ValueKind::kInterval);
  } else {
    return other;
  }
  if (type.Modifier(6) < result.fraction) return other;
  result.is_literal = true;
  result.literal = plain;
  return result;
}

Result CastTime(const ExpressionValue& value, const PostgresType& type) {
  const base::Status other = NotTranslated(fmt::format("a cast of such a value to {}", type.name));
  const ValueKind kind = value.kind;
  ExpressionValue result = value;
  result.is_literal = false;
  if (type.Is("date")) {
    if (kind == ValueKind::kDate) return value;
    if (kind != ValueKind::kTimestamp) return other;
    result = MakeValue(fmt::format("DATE({})", value.sql), ValueKind::kDate);
  } else if (type.Is("timestamp without time zone")) {
    if (kind == ValueKind::kDate) {
      result = MakeValue(fmt::format("CAST({} AS DATETIME)", value.sql), ValueKind::kTimestamp);
      result.fraction = 0;
    } else if (kind != ValueKind::kTimestamp) {
      return other;
    }
  } else if (type.Is("timestamp with time zone")) {
    if (kind != ValueKind::kTimestampTz) return other;
  } else if (type.Is("time without time zone")) {
    if (kind == ValueKind::kTimestamp) {
      result.sql = fmt::format("CAST({} AS TIME(6))", value.sql);
      result.kind = ValueKind::kTime;
    } else if (kind != ValueKind::kTime) {
      return other;
    }
  } else {
    return other;
  }
  // What rounds does so in another direction before the year 2000.
  if (type.Modifier(6) < result.fraction && !type.Is("date")) return other;
  return result;
}

Result ComputedTime(ExpressionScope& scope, const ExpressionValue& left, string_view op,
                    const ExpressionValue& right) {
  const base::Status other = NotTranslated(fmt::format("the operator {} of such values", op));
  if (op == "+" && (left.kind == ValueKind::kInteger || left.kind == ValueKind::kInterval))
    return right.kind == left.kind ? other : ComputedTime(scope, right, op, left);
  if (left.kind == ValueKind::kDate && right.kind == ValueKind::kInteger) {
    ++scope.moves;
    return MakeValue(fmt::format("({} {} INTERVAL {} DAY)", left.sql, op, right.sql),
                     ValueKind::kDate);
  }
  if (left.kind == ValueKind::kDate && right.kind == ValueKind::kDate && op == "-")
    return MakeInteger(fmt::format("DATEDIFF({}, {})", left.sql, right.sql), 10);
  const bool has_date = left.kind == ValueKind::kDate || left.kind == ValueKind::kTimestamp ||
                        left.kind == ValueKind::kTimestampTz;
  if (has_date && right.kind == ValueKind::kInterval)
    return WithInterval(scope, left, op == "-", right);
  return other;
}

}  // namespace godwit::connectors::mysql
