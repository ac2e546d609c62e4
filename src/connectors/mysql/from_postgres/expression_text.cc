// Functions of text. Positions and lengths are counted in characters by both.

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>

#include <optional>

#include "base/text.h"
#include "connectors/mysql/from_postgres/expression_functions.h"

namespace godwit::connectors::mysql {
namespace {

using Args = std::span<const ExpressionValue>;
using Result = base::StatusOr<ExpressionValue>;
using std::string_view;

std::optional<uint32_t> Count(const ExpressionValue& arg) {
  if (!arg.is_literal || arg.kind != ValueKind::kInteger) return std::nullopt;
  return base::ParseInteger<uint32_t>(arg.literal);  // not a negative one
}

base::Status Other(const std::string& name) {
  return NotTranslated(name + "() with such arguments");
}

// substr(text, from[, length]), left and right with numbers that mean the same to both.
Result Part(const std::string& name, Args args) {
  if (args.size() < 2 || args.size() > 3) return Other(name);
  const std::optional<uint32_t> first = Count(args[1]);
  if (!first) return Other(name);
  if (name == "left" || name == "right") {
    if (args.size() != 2) return Other(name);
    ExpressionValue result = MakeText(
        fmt::format("{}({}, {})", absl::AsciiStrToUpper(name), args[0].sql, *first), args[0]);
    result.most_length = std::min(result.most_length.value_or(*first), *first);
    return result;
  }
  if (*first < 1) return Other(name);
  if (args.size() == 2)
    return MakeText(fmt::format("SUBSTRING({}, {})", args[0].sql, *first), args[0]);
  const std::optional<uint32_t> length = Count(args[2]);
  if (!length) return Other(name);
  ExpressionValue result =
      MakeText(fmt::format("SUBSTRING({}, {}, {})", args[0].sql, *first, *length), args[0]);
  result.most_length = std::min(result.most_length.value_or(*length), *length);
  return result;
}

// PostgreSQL takes all of some characters off, the target a string: the same for one character.
Result Trimmed(const std::string& name, Args args) {
  std::string what = " ";
  if (args.size() == 2) {
    if (!args[1].is_literal || args[1].most_length != 1u) return Other(name);
    what = args[1].literal;
  }
  const string_view side = name == "btrim" ? "BOTH" : name == "ltrim" ? "LEADING" : "TRAILING";
  return MakeText(fmt::format("TRIM({} {} FROM {})", side, TextSql(what), args[0].sql), args[0]);
}

Result Padded(const std::string& name, Args args) {
  if (args.size() < 2 || args.size() > 3) return Other(name);
  const std::optional<uint32_t> length = Count(args[1]);
  const ExpressionValue fill = args.size() == 3 ? args[2] : MakeTextLiteral(" ");
  if (!length || *length > 10000 || !fill.is_literal || fill.literal.empty()) return Other(name);
  ExpressionValue result = MakeText(
      fmt::format("{}({}, {}, {})", absl::AsciiStrToUpper(name), args[0].sql, *length, fill.sql),
      args[0]);
  result.is_ascii = args[0].is_ascii && fill.is_ascii;
  result.most_length = *length;
  return result;
}

Result Found(const ExpressionScope& scope, Args args) {
  ExpressionValue text = args[0];
  if (text.order == TextOrder::kOther || args[1].order == TextOrder::kOther)
    return NotTranslated("a search in text by a collation");
  if (text.order == TextOrder::kNone)
    text.sql = fmt::format("({} COLLATE {})", text.sql, BytesCollation(scope.to));
  return MakeInteger(fmt::format("LOCATE({}, {})", args[1].sql, text.sql), 10);
}

Result OfOneText(ExpressionScope& scope, const std::string& name, const ExpressionValue& text) {
  if (name == "lower" || name == "upper") {
    if (!text.is_ascii) {
      scope.Warn(
          fmt::format("{}() of letters beyond ASCII goes by Unicode, where PostgreSQL goes "
                      "by the database's locale",
                      name));
    }
    return MakeText(fmt::format("{}({})", absl::AsciiStrToUpper(name), text.sql), text);
  }
  if (name == "reverse") return MakeText(fmt::format("REVERSE({})", text.sql), text);
  if ((name == "md5" || name == "octet_length") && !text.is_ascii)
    scope.Warn(name + "() goes by the bytes of UTF-8, whatever the source's encoding");
  if (name == "md5") {
    if (scope.IsMySql()) return NotTranslated("md5(), which MySQL takes for no part of a table,");
    ExpressionValue result = MakeValue(fmt::format("(CONVERT(MD5({}) USING utf8mb4) COLLATE {})",
                                                   text.sql, BytesCollation(scope.to)),
                                       ValueKind::kText);
    result.order = TextOrder::kBytes;
    result.is_ascii = true;
    result.most_length = 32;
    return result;
  }
  const string_view same = name == "octet_length" ? "LENGTH" : "CHAR_LENGTH";
  return MakeInteger(fmt::format("{}({})", same, text.sql), 10);
}

}  // namespace

Result CalledOfText(ExpressionScope& scope, const std::string& name, Args args) {
  const auto is = [&](std::initializer_list<string_view> names) {
    return absl::c_linear_search(names, name);
  };
  const base::Status unknown = NotTranslated(fmt::format("the function {}()", name));
  const bool is_length = is({"length", "octet_length"});
  if (is_length && args.size() == 1 && args[0].kind == ValueKind::kBytes)
    return MakeInteger(fmt::format("LENGTH({})", args[0].sql), 10);
  const bool known =
      is_length || is({"char_length", "character_length", "lower", "upper", "reverse", "md5",
                       "btrim", "ltrim", "rtrim", "substr", "substring", "left", "right", "lpad",
                       "rpad", "replace", "strpos", "split_part"});
  if (!known) return unknown;
  // What is not text among the arguments is a number of characters.
  for (const ExpressionValue& arg : args) {
    const bool is_count = &arg != args.data() && arg.kind == ValueKind::kInteger;
    if (arg.kind != ValueKind::kText && !is_count)
      return NotTranslated(name + "() of a value that is not text");
    if (arg.padded && !is({"length", "char_length", "character_length"})) {
      return NotTranslated(name + "() of character(n), of which it may see the blanks at the end,");
    }
  }
  if (is({"btrim", "ltrim", "rtrim"}) && args.size() <= 2) return Trimmed(name, args);
  if (is({"substr", "substring", "left", "right"})) return Part(name, args);
  if (is({"lpad", "rpad"})) return Padded(name, args);
  if (is({"replace"}) && args.size() == 3) {
    GODWIT_ASSIGN_OR_RETURN(ExpressionValue result, OneOf(args));
    result.most_length.reset();
    result.sorts_by_bytes = false;
    result.sql = fmt::format("REPLACE({}, {}, {})", args[0].sql, args[1].sql, args[2].sql);
    return result;
  }
  if (is({"strpos"}) && args.size() == 2) return Found(scope, args);
  if (is({"split_part"}) && args.size() == 3) {
    // Of the others the target gives the last one where there are fewer.
    if (!args[1].is_literal || args[1].literal.empty() || Count(args[2]) != 1u) return Other(name);
    return MakeText(fmt::format("SUBSTRING_INDEX({}, {}, 1)", args[0].sql, args[1].sql), args[0]);
  }
  if (args.size() == 1) return OfOneText(scope, name, args[0]);
  return Other(name);
}

}  // namespace godwit::connectors::mysql
