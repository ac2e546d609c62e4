#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>

#include "base/text.h"
#include "connectors/mysql/from_postgres/expression_operators.h"
#include "connectors/mysql/from_postgres/expression_times.h"

namespace godwit::connectors::mysql {
namespace {

using Args = std::span<const ExpressionValue>;
using Result = base::StatusOr<ExpressionValue>;
using std::string_view;

constexpr string_view kNow[] = {"now", "current_timestamp", "transaction_timestamp",
                                "statement_timestamp", "clock_timestamp"};

Result Now(const ExpressionScope& scope, const std::string& name, Args args) {
  if (scope.use != ExpressionUse::kDefault)
    return NotTranslated(name + ", which only a default may call,");
  if (name == "current_date") return MakeValue("CURDATE()", ValueKind::kDate);
  std::string digits = "6";
  if (!args.empty()) digits = args[0].literal;
  const bool local = name == "localtimestamp", utc = absl::c_linear_search(kNow, name);
  if ((!local && !utc) || digits.size() != 1) return NotTranslated(name);
  ExpressionValue value =
      MakeValue(fmt::format("{}({})", local ? "CURRENT_TIMESTAMP" : "UTC_TIMESTAMP", digits),
                local ? ValueKind::kTimestamp : ValueKind::kTimestampTz);
  value.fraction = digits[0] - '0';
  return value;
}

// EXTRACT gives numeric, date_part double precision.
Result Field(const std::string& name, string_view field, const ExpressionValue& value) {
  const base::Status other = NotTranslated(fmt::format("{} of {}", field, "such a value"));
  const ValueKind kind = value.kind;
  const bool has_date = kind == ValueKind::kDate || kind == ValueKind::kTimestamp;
  const bool has_time = kind == ValueKind::kTime || kind == ValueKind::kTimestamp;
  std::string sql;
  int digits = 4, decimals = 0;
  if (has_date) {
    constexpr std::pair<string_view, string_view> kForms[] = {
        {"year", "YEAR({})"},
        {"month", "MONTH({})"},
        {"day", "DAYOFMONTH({})"},
        {"quarter", "QUARTER({})"},
        {"doy", "DAYOFYEAR({})"},
        {"dow", "(DAYOFWEEK({}) - 1)"},
        {"isodow", "(WEEKDAY({}) + 1)"},
        {"week", "WEEK({}, 3)"},
        {"isoyear", "(YEARWEEK({}, 3) DIV 100)"}};
    for (const auto& [form, text] : kForms) {
      if (field == form) sql = fmt::format(fmt::runtime(text), value.sql);
    }
  }
  if (has_time) {
    if (field == "hour") sql = fmt::format("HOUR({})", value.sql);
    if (field == "minute") sql = fmt::format("MINUTE({})", value.sql);
    if (field == "second") {
      sql = fmt::format("(SECOND({0}) + MICROSECOND({0}) * 0.000001)", value.sql);
      decimals = 6;
    }
  }
  if (field == "epoch" && kind == ValueKind::kDate) {
    sql = fmt::format("(DATEDIFF({}, DATE'1970-01-01') * 86400)", value.sql);
    digits = 12;
  } else if (field == "epoch" &&
             (kind == ValueKind::kTimestamp || kind == ValueKind::kTimestampTz)) {
    sql = fmt::format("(TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', {}) * 0.000001)",
                      value.sql);
    digits = 12;
    decimals = 6;
  }
  if (sql.empty()) return other;
  if (name == "date_part")
    return MakeValue(fmt::format("CAST({} AS DOUBLE)", sql), ValueKind::kDouble);
  ExpressionValue result =
      MakeValue(fmt::format("CAST({} AS DECIMAL({},{}))", sql, digits + decimals, decimals),
                ValueKind::kDecimal);
  result.whole_digits = digits;
  result.decimals = decimals;
  return result;
}

Result Truncated(string_view field, const ExpressionValue& value) {
  const base::Status other = NotTranslated(fmt::format("date_trunc of {}", field));
  if (value.kind != ValueKind::kTimestamp) return other;
  const std::string& sql = value.sql;
  std::string day = fmt::format("CAST(DATE({}) AS DATETIME)", sql);
  std::string result;
  if (field == "day") {
    result = day;
  } else if (field == "month") {
    result = fmt::format("({} - INTERVAL (DAYOFMONTH({}) - 1) DAY)", day, sql);
  } else if (field == "year") {
    result = fmt::format("({} - INTERVAL (DAYOFYEAR({}) - 1) DAY)", day, sql);
  } else if (field == "week") {
    result = fmt::format("({} - INTERVAL WEEKDAY({}) DAY)", day, sql);
  } else if (field == "hour") {
    result = fmt::format("({} + INTERVAL HOUR({}) HOUR)", day, sql);
  } else if (field == "minute") {
    result = fmt::format("({0} + INTERVAL (HOUR({1}) * 60 + MINUTE({1})) MINUTE)", day, sql);
  } else if (field == "second") {
    result = fmt::format(
        "({0} + INTERVAL (HOUR({1}) * 3600 + MINUTE({1}) * 60 + SECOND({1})) SECOND)", day, sql);
  } else {
    return other;
  }
  ExpressionValue truncated = MakeValue(result, ValueKind::kTimestamp);
  truncated.fraction = 0;
  return truncated;
}

// Of UTC it is the same value on the target.
Result AtTimeZone(const ExpressionValue& zone, const ExpressionValue& value) {
  if (!zone.is_literal || !IsUtc(zone.literal))
    return NotTranslated("a time zone other than UTC, which the target may not know,");
  ExpressionValue result = value;
  if (value.kind == ValueKind::kTimestamp) {
    result.kind = ValueKind::kTimestampTz;
  } else if (value.kind == ValueKind::kTimestampTz) {
    result.kind = ValueKind::kTimestamp;
  } else {
    return NotTranslated("AT TIME ZONE of such a value");
  }
  return result;
}

}  // namespace

bool IsTimeFunction(string_view name) {
  return absl::c_linear_search(kNow, name) || name == "localtimestamp" || name == "current_date" ||
         name == "current_time" || name == "localtime" || name == "extract" ||
         name == "date_part" || name == "date_trunc" || name == "timezone";
}

Result CalledOfTime(ExpressionScope& scope, const std::string& name, Args args) {
  if ((name == "extract" || name == "date_part" || name == "date_trunc" || name == "timezone") &&
      args.size() == 2 && args[0].is_literal) {
    if (name == "timezone") return AtTimeZone(args[0], args[1]);
    const std::string field = absl::AsciiStrToLower(args[0].literal);
    return name == "date_trunc" ? Truncated(field, args[1]) : Field(name, field, args[1]);
  }
  if (args.size() <= 1 && name != "extract") return Now(scope, name, args);
  return NotTranslated(fmt::format("{} of such values", name));
}

}  // namespace godwit::connectors::mysql
