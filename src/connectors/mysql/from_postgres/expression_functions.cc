#include "connectors/mysql/from_postgres/expression_functions.h"

#include <absl/algorithm/container.h>
#include <absl/strings/str_join.h>

#include <iterator>
#include <optional>
#include <vector>

#include "base/text.h"
#include "connectors/mysql/from_postgres/expression_operators.h"
#include "connectors/mysql/from_postgres/expression_times.h"

namespace godwit::connectors::mysql {
namespace {

using Args = std::span<const ExpressionValue>;
using Result = base::StatusOr<ExpressionValue>;
using std::string_view;

std::string List(Args args) {
  return absl::StrJoin(args, ", ",
                       [](std::string* out, const ExpressionValue& arg) { *out += arg.sql; });
}

Result OfNumber(const std::string& name, Args args) {
  const ExpressionValue& number = args[0];
  const base::Status other = NotTranslated(name + "() of such values");
  const bool is_double = number.kind == ValueKind::kDouble;
  if (!IsExact(number.kind) && !is_double) return other;
  ExpressionValue result = number;
  result.is_literal = false;
  if (name == "abs" && args.size() == 1) {
    result.sql = fmt::format("ABS({})", number.sql);
    return result;
  }
  const bool floors = name == "floor" || name == "ceil" || name == "ceiling";
  const string_view same =
      floors ? (name == "floor" ? "FLOOR" : "CEILING") : (name == "round" ? "ROUND" : "TRUNCATE");
  if (is_double) {
    if (!floors || args.size() != 1) return other;  // halves go to even numbers on PostgreSQL
    result.sql = fmt::format("{}({})", same, number.sql);
    return result;
  }
  if (number.kind != ValueKind::kDecimal || (floors && args.size() != 1)) return other;
  int decimals = 0;
  if (args.size() == 2) {
    const auto given = args[1].is_literal && args[1].kind == ValueKind::kInteger
                           ? base::ParseInteger<int>(args[1].literal)
                           : std::nullopt;
    if (!given || *given < 0) return other;
    decimals = std::min(*given, number.decimals);
  }
  result.whole_digits = std::min(number.whole_digits + 1, 65 - decimals);
  result.decimals = decimals;
  const std::string call = floors ? fmt::format("{}({})", same, number.sql)
                                  : fmt::format("{}({}, {})", same, number.sql, decimals);
  // It stays a DECIMAL, where the target may make an integer of it.
  result.sql =
      fmt::format("CAST({} AS DECIMAL({},{}))", call, result.whole_digits + decimals, decimals);
  return result;
}

// PostgreSQL passes over NULLs, where the target gives NULL: another argument stands in for each.
Result Extreme(const std::string& name, Args all) {
  std::vector<ExpressionValue> args;
  absl::c_copy_if(all, std::back_inserter(args),
                  [](const ExpressionValue& arg) { return arg.kind != ValueKind::kNull; });
  GODWIT_ASSIGN_OR_RETURN(ExpressionValue result, OneOf(args));
  switch (result.kind) {
    case ValueKind::kInteger:
    case ValueKind::kDecimal:
    case ValueKind::kDouble:
    case ValueKind::kDate:
    case ValueKind::kTimestamp:
    case ValueKind::kTimestampTz:
      break;
    default:
      return NotTranslated(name + "() of values that are neither numbers nor dates");
  }
  if (args.size() == 1) return args[0];
  std::vector<std::string> pieces;
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i].is_literal) {
      pieces.push_back(args[i].sql);
      continue;
    }
    std::string piece = "COALESCE(" + args[i].sql;
    for (size_t other = 0; other < args.size(); ++other) {
      if (other != i) piece += ", " + args[other].sql;
    }
    pieces.push_back(piece + ")");
  }
  result.sql =
      fmt::format("{}({})", name == "least" ? "LEAST" : "GREATEST", absl::StrJoin(pieces, ", "));
  return result;
}

Result Random(ExpressionScope& scope, const std::string& name) {
  if (scope.use != ExpressionUse::kDefault)
    return NotTranslated(name + "(), which only a default may call,");
  if (name == "random") return MakeValue("RAND()", ValueKind::kDouble);
  scope.Warn(
      "gen_random_uuid() becomes UUID(): of the time and the machine, not of random numbers");
  return MakeValue("UUID()", ValueKind::kUuid);
}

// Of functions of extensions the name without the schema that they are in.
std::string Unqualified(const std::string& name) {
  return name.ends_with(".uuid_generate_v4") ? "gen_random_uuid" : name;
}

}  // namespace

Result Called(ExpressionScope& scope, const std::string& written, Args args) {
  const std::string name = Unqualified(written);
  const auto is = [&](std::initializer_list<string_view> names) {
    return absl::c_linear_search(names, name);
  };
  if (is({"gen_random_uuid", "uuid_generate_v4", "random"}) && args.empty())
    return Random(scope, name);
  if (IsTimeFunction(name)) return CalledOfTime(scope, name, args);
  const base::Status unknown = NotTranslated(fmt::format("the function {}()", name));
  if (args.empty()) return unknown;
  if (is({"coalesce"})) {
    GODWIT_ASSIGN_OR_RETURN(ExpressionValue result, OneOf(args));
    result.sql = fmt::format("COALESCE({})", List(args));
    return result;
  }
  if (is({"nullif"}) && args.size() == 2) {
    GODWIT_ASSIGN_OR_RETURN(const ExpressionValue same, Compared(scope, args[0], "=", args[1]));
    ExpressionValue result = args[0];
    result.is_literal = result.is_condition = false;
    result.sql = fmt::format("(CASE WHEN {} THEN NULL ELSE {} END)", same.sql, args[0].sql);
    return result;
  }
  if (is({"greatest", "least"})) return Extreme(name, args);
  if (is({"mod"}) && args.size() == 2) return Computed(scope, args[0], "%", args[1]);
  if (is({"abs", "round", "trunc", "floor", "ceil", "ceiling"}) && args.size() <= 2)
    return OfNumber(name, args);
  if (name.starts_with("jsonb_")) return CalledOfDocument(scope, name, args);
  return CalledOfText(scope, name, args);
}

}  // namespace godwit::connectors::mysql
