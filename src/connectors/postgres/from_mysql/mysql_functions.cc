#include "connectors/postgres/from_mysql/mysql_functions.h"

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>
#include <absl/strings/str_join.h>

#include <optional>

#include "base/text.h"

namespace godwit::connectors::postgres {
namespace {

using Args = std::span<const Expression>;
using std::string_view;

Expression MakeText(std::string sql, const Expression& like) {
  Expression result = MakeExpression(std::move(sql), ValueType::kText);
  result.comparison = like.comparison;
  result.charset = like.charset;
  result.is_ascii = like.is_ascii;
  return result;
}

bool IsUtf8(const Expression& text) {
  return text.is_ascii || text.charset.starts_with("utf8") || text.charset == "ascii";
}

std::string List(Args args) {
  return absl::StrJoin(args, ", ",
                       [](std::string* out, const Expression& arg) { *out += arg.sql; });
}

// Numbers are written into text as they are; of decimals it is not known how many digits.
std::optional<std::string> AsText(const Expression& value) {
  if (value.type == ValueType::kText || value.type == ValueType::kNull) return value.sql;
  if (value.type == ValueType::kInteger) return fmt::format("({})::text", value.sql);
  return std::nullopt;
}

// Of text that several pieces make: as little as is known of each.
Expression TextOf(std::string sql, Args args) {
  Expression result = MakeExpression(std::move(sql), ValueType::kText);
  result.is_ascii = true;
  bool first = true;
  for (const Expression& arg : args) {
    if (arg.type != ValueType::kText) continue;
    result.is_ascii = result.is_ascii && arg.is_ascii;
    if (arg.is_literal) continue;
    result.comparison = first ? arg.comparison : std::max(result.comparison, arg.comparison);
    if (first) result.charset = arg.charset;
    if (result.charset != arg.charset) result.charset = "";
    first = false;
  }
  return result;
}

base::StatusOr<Expression> Concat(Args args) {
  std::vector<std::string> pieces;
  for (const Expression& arg : args) {
    const std::optional<std::string> text = AsText(arg);
    if (!text) return NotTranslated("concat() of values that are not text");
    pieces.push_back(*text);
  }
  if (pieces.size() == 1) return TextOf(pieces[0], args);
  return TextOf("(" + absl::StrJoin(pieces, " || ") + ")", args);
}

std::optional<int64_t> LiteralNumber(const Expression& arg) {
  if (!arg.is_literal || arg.type != ValueType::kInteger) return std::nullopt;
  return base::ParseInteger<int64_t>(arg.value);
}

// substr(text, from[, length]), left and right with numbers that mean the same to both.
base::StatusOr<Expression> Part(const std::string& name, Args args) {
  const base::Status other = NotTranslated(name + "() with such arguments");
  if (args.size() < 2 || args.size() > 3 || args[0].type != ValueType::kText) return other;
  const std::optional<int64_t> first = LiteralNumber(args[1]);
  if (!first) return other;
  const bool is_side = name == "left" || name == "right";
  if (is_side && args.size() == 2 && *first >= 0)
    return MakeText(fmt::format("{}({})", name, List(args)), args[0]);
  if (is_side || *first < 1) return other;
  if (args.size() == 3 && LiteralNumber(args[2]).value_or(-1) < 0) return other;
  return MakeText(fmt::format("substr({})", List(args)), args[0]);
}

base::StatusOr<Expression> OfText(const std::string& name, Args args) {
  const Expression& text = args[0];
  if (text.type != ValueType::kText) return NotTranslated(name + "() of a value that is not text");
  if (name == "lower" || name == "lcase" || name == "upper" || name == "ucase") {
    const string_view same = name[0] == 'l' ? "lower" : "upper";
    Expression result = MakeText(fmt::format("{}({})", same, text.sql), text);
    if (!text.is_ascii) {
      result.caveats.push_back(
          fmt::format("{}() goes by the target database's locale for letters beyond ASCII", same));
    }
    return result;
  }
  if (name == "trim" || name == "ltrim" || name == "rtrim") {
    return MakeText(fmt::format("{}({}, ' ')", name == "trim" ? "btrim" : name, text.sql), text);
  }
  if (name == "char_length" || name == "character_length")
    return MakeExpression(fmt::format("char_length({})", text.sql), ValueType::kInteger);
  if (name == "reverse") return MakeText(fmt::format("reverse({})", text.sql), text);
  if (!IsUtf8(text)) return NotTranslated(name + "() of text that is not in UTF-8");
  if (name == "md5") {
    Expression result = MakeExpression(fmt::format("md5({})", text.sql), ValueType::kText);
    result.is_ascii = true;
    result.charset = text.charset;
    return result;
  }
  return MakeExpression(fmt::format("octet_length({})", text.sql), ValueType::kInteger);  // length
}

base::StatusOr<Expression> OfNumber(const std::string& name, Args args) {
  const Expression& number = args[0];
  const std::string sql = AsNumber(number);
  const ValueType type = number.type == ValueType::kBoolean ? ValueType::kInteger : number.type;
  if (!IsNumeric(number.type)) return NotTranslated(name + "() of a value that is not a number");
  if (name == "abs") return MakeExpression(fmt::format("abs({})", sql), type);
  if (name == "round" && args.size() == 2 && type == ValueType::kDecimal) {
    const std::optional<int64_t> digits = LiteralNumber(args[1]);
    if (!digits || *digits < 0) return NotTranslated("round() with such arguments");
    return MakeExpression(fmt::format("round({}, {})", sql, *digits), type);
  }
  if (args.size() != 1 || type == ValueType::kDouble)
    return NotTranslated(name + "() of such values");
  if (type == ValueType::kInteger) return number;
  const std::string same = name == "ceil" ? "ceiling" : name;
  return MakeExpression(fmt::format("{}({})", same, sql), type);
}

base::StatusOr<Expression> OfTime(const std::string& name, Args args) {
  const ValueType type = args[0].type;
  const bool has_date = type == ValueType::kDate || type == ValueType::kDateTime;
  const bool has_time = type == ValueType::kTime || type == ValueType::kDateTime;
  const std::string& sql = args[0].sql;
  const auto field = [&](string_view what) {
    return MakeExpression(fmt::format("(extract({} FROM {}))::integer", what, sql),
                          ValueType::kInteger);
  };
  if (has_date) {
    for (const string_view same : {"year", "month", "day", "quarter"}) {
      if (name == same) return field(same);
    }
    if (name == "dayofmonth") return field("day");
    if (name == "dayofyear") return field("doy");
    if (name == "date") return MakeExpression(fmt::format("({})::date", sql), ValueType::kDate);
  }
  if (has_time) {
    if (name == "hour" || name == "minute") return field(name);
    if (name == "second") {
      return MakeExpression(fmt::format("floor(extract(second FROM {}))::integer", sql),
                            ValueType::kInteger);
    }
  }
  return NotTranslated(name + "() of a value of this type");
}

// NULL where any is, which PostgreSQL passes over.
base::StatusOr<Expression> Extreme(const std::string& name, Args args) {
  if (args.size() < 2) return NotTranslated(name + "() of one value");
  GODWIT_ASSIGN_OR_RETURN(Expression result, OneOf(args));
  if (result.type == ValueType::kText || result.type == ValueType::kBoolean)
    return NotTranslated(name + "() of values that are neither numbers nor dates");
  std::vector<std::string> nulls;
  for (const Expression& arg : args) {
    if (!arg.is_literal) nulls.push_back(arg.sql + " IS NULL");
  }
  const std::string call = fmt::format("{}({})", name, List(args));
  result.sql = nulls.empty() ? call
                             : fmt::format("CASE WHEN {} THEN NULL ELSE {} END",
                                           absl::StrJoin(nulls, " OR "), call);
  result.sql = "(" + result.sql + ")";
  return result;
}

// `$.a.b` as PostgreSQL's path {a,b}: members alone, as PostgreSQL counts arrays otherwise.
std::optional<std::string> JsonPath(string_view path) {
  if (!path.starts_with("$.")) return std::nullopt;
  std::string members;
  path.remove_prefix(1);
  while (!path.empty()) {
    if (path[0] != '.') return std::nullopt;
    path.remove_prefix(1);
    size_t end = 0;
    const bool quoted = path.starts_with('"');
    if (quoted) {
      end = path.find('"', 1);
      if (end == string_view::npos) return std::nullopt;
    }
    const string_view name = quoted ? path.substr(1, end - 1) : path.substr(0, path.find('.'));
    const auto plain = [](char c) {
      return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
    };
    if (name.empty() || absl::ascii_isdigit(static_cast<unsigned char>(name[0])) ||
        !absl::c_all_of(name, plain))
      return std::nullopt;
    members += (members.empty() ? "" : ",") + std::string(name);
    path.remove_prefix(name.size() + (quoted ? 2 : 0));
  }
  return "'{" + members + "}'";
}

}  // namespace

bool IsNumeric(ValueType type) {
  return type == ValueType::kInteger || type == ValueType::kDecimal || type == ValueType::kDouble ||
         type == ValueType::kBoolean;
}

std::string AsNumber(const Expression& expression) {
  switch (expression.type) {
    case ValueType::kBoolean:
      return fmt::format("(({})::integer)::bigint", expression.sql);
    case ValueType::kInteger:
      return fmt::format("({})::bigint", expression.sql);  // as large as MySQL's are
    default:
      return expression.sql;
  }
}

base::StatusOr<ValueType> CommonType(const Expression& a, const Expression& b) {
  if (a.type == ValueType::kNull) return b.type;
  if (b.type == ValueType::kNull || (a.type == b.type && a.type != ValueType::kOther))
    return a.type;
  if (a.type == ValueType::kBoolean || b.type == ValueType::kBoolean)
    return NotTranslated("a condition taken for a number");
  if (IsNumeric(a.type) && IsNumeric(b.type)) return std::max(a.type, b.type);
  const auto has_date = [](ValueType type) {
    return type == ValueType::kDate || type == ValueType::kDateTime;
  };
  if (has_date(a.type) && has_date(b.type)) return ValueType::kDateTime;
  return NotTranslated("values of two types that MySQL makes one of first");
}

base::StatusOr<TextComparison> CommonComparison(const Expression& a, const Expression& b) {
  const TextComparison comparison = a.is_literal   ? b.comparison
                                    : b.is_literal ? a.comparison
                                                   : std::max(a.comparison, b.comparison);
  if (comparison == TextComparison::kOther || (a.is_literal && b.is_literal))
    return NotTranslated("a comparison of text by a collation");
  return comparison;
}

base::StatusOr<Expression> OneOf(std::span<const Expression> values) {
  Expression result = TextOf("", values);
  result.type = ValueType::kNull;
  for (const Expression& value : values) {
    Expression so_far;
    so_far.type = result.type;
    GODWIT_ASSIGN_OR_RETURN(result.type, CommonType(so_far, value));
    if (value.type == ValueType::kOther) return NotTranslated("a value of a type of its own");
    result.caveats.insert(result.caveats.end(), value.caveats.begin(), value.caveats.end());
  }
  return result;
}

base::StatusOr<Expression> TranslateCall(const std::string& name, Args args) {
  const auto is = [&](std::initializer_list<string_view> names) {
    return absl::c_linear_search(names, name);
  };
  const base::Status unknown = NotTranslated(fmt::format("the function {}()", name));
  if (args.empty()) return unknown;
  base::StatusOr<Expression> result = unknown;
  if (is({"concat"})) {
    result = Concat(args);
  } else if (is({"substr", "substring", "mid", "left", "right"})) {
    result = Part(name, args);
  } else if (args.size() == 1 &&
             is({"lower", "lcase", "upper", "ucase", "trim", "ltrim", "rtrim", "char_length",
                 "character_length", "reverse", "md5", "length", "octet_length"})) {
    result = OfText(name, args);
  } else if (is({"abs", "round", "floor", "ceil", "ceiling"})) {
    result = OfNumber(name, args);
  } else if (args.size() == 1 && is({"year", "month", "day", "quarter", "dayofmonth", "dayofyear",
                                     "date", "hour", "minute", "second"})) {
    result = OfTime(name, args);
  } else if (is({"greatest", "least"})) {
    result = Extreme(name, args);
  } else if (is({"coalesce"}) || (is({"ifnull", "nvl"}) && args.size() == 2)) {
    GODWIT_ASSIGN_OR_RETURN(Expression one, OneOf(args));
    one.sql = fmt::format("COALESCE({})", List(args));
    return one;
  } else if (is({"replace"}) && args.size() == 3 &&
             absl::c_all_of(args, [](const auto& a) { return a.type == ValueType::kText; })) {
    result = TextOf(fmt::format("replace({})", List(args)), args);
  }
  if (!result.ok()) return result.status();
  for (const Expression& arg : args)
    result->caveats.insert(result->caveats.end(), arg.caveats.begin(), arg.caveats.end());
  return result;
}

// To MySQL, a document's null is the text 'null', where PostgreSQL's ->> makes NULL of it.
base::StatusOr<Expression> TranslateJsonCall(const std::string& name, Args args) {
  const base::Status other = NotTranslated(name + "() with such arguments");
  if (args.empty() || args[0].type != ValueType::kJson) return other;
  if (name == "json_unquote" && args.size() == 1) {
    Expression text =
        MakeExpression(fmt::format("(CASE WHEN jsonb_typeof({0}) = 'null' THEN 'null' ELSE "
                                   "{0} #>> '{{}}' END)",
                                   args[0].sql),
                       ValueType::kText);
    text.charset = "utf8mb4";
    text.comparison = TextComparison::kPadded;  // utf8mb4_bin
    text.caveats.emplace_back(
        "numbers of documents that MySQL writes with an exponent (1e20) are written out");
    return text;
  }
  if (name != "json_extract" || args.size() != 2 || !args[1].is_literal ||
      args[1].type != ValueType::kText)
    return other;
  const std::optional<std::string> path = JsonPath(args[1].value);
  if (!path) return other;
  return MakeExpression(fmt::format("({} #> {})", args[0].sql, *path), ValueType::kJson);
}

}  // namespace godwit::connectors::postgres
