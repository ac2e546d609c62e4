#include "config/casts.h"

#include <absl/strings/ascii.h>

#include <algorithm>

#include "base/status.h"
#include "base/text.h"
#include "config/quoted.h"

namespace godwit::config {
namespace {

struct Synonym {
  std::string_view word, name;
};
// "real" is a type of its own in PostgreSQL; MySQL shows it as "double".
constexpr Synonym kSynonyms[] = {{"integer", "int"},
                                 {"int2", "smallint"},
                                 {"int4", "int"},
                                 {"int8", "bigint"},
                                 {"dec", "decimal"},
                                 {"numeric", "decimal"},
                                 {"fixed", "decimal"},
                                 {"double precision", "double"},
                                 {"float4", "real"},
                                 {"float8", "double"},
                                 {"character", "char"},
                                 {"bpchar", "char"},
                                 {"character varying", "varchar"},
                                 {"varbit", "bit varying"},
                                 {"time without time zone", "time"},
                                 {"timetz", "time with time zone"},
                                 {"timestamp without time zone", "timestamp"},
                                 {"timestamptz", "timestamp with time zone"}};
// Others of more than one word.
constexpr std::string_view kLongNames[] = {"bit varying", "time with time zone",
                                           "timestamp with time zone"};

// Takes what stands in parentheses out of a type, from wherever it stands: "timestamp(3) with time
// zone". Empty: nothing does, or what is left is no type.
std::string TakeNumbers(std::string& type) {
  const size_t open = type.find('('), close = type.find(')');
  if (close == std::string::npos || close < open) return "";
  std::string numbers = type.substr(open + 1, close - open - 1);
  type.replace(open, close + 1 - open, " ");
  absl::RemoveExtraAsciiWhitespace(&type);
  return numbers;
}

// A word, or one of a schema, each maybe in double quotes: "tinyint", "shop.mood".
bool IsWord(std::string_view name) {
  bool quoted = false;
  for (const char c : name) {
    const bool of_word = absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
                         c == '.' || (c & 0x80) != 0;
    if (c == '"')
      quoted = !quoted;
    else if (!of_word && !quoted)
      return false;
  }
  return !name.empty() && !quoted;
}

bool IsName(const std::string& name) {
  return IsWord(name) || std::ranges::find(kLongNames, name) != std::end(kLongNames);
}

// 0: names the column; 1: a type in some tables; 2: a type.
int Rank(const CastRule& rule) {
  if (!rule.column.empty()) return 0;
  return rule.table ? 1 : 2;
}

bool Applies(const CastRule& rule, const model::TableName& table, std::string_view column,
             const TypePattern& type) {
  if (!rule.column.empty())
    return rule.column_table == table && base::EqualsIgnoreCase(rule.column, column);
  if (rule.table && !rule.table->Matches(table.schema, table.table)) return false;
  return rule.type && rule.type->Matches(type);
}

}  // namespace

absl::StatusOr<TypePattern> TypePattern::Parse(std::string_view text) {
  TypePattern pattern;
  std::string rest = absl::AsciiStrToLower(std::string(text));
  absl::RemoveExtraAsciiWhitespace(&rest);
  constexpr std::string_view kUnsigned = " unsigned";
  if (rest.ends_with(kUnsigned)) {
    pattern.is_unsigned = true;
    rest.resize(rest.size() - kUnsigned.size());
  }
  constexpr std::string_view kArray = "[]";
  bool array = false;
  for (; rest.ends_with(kArray); array = true) rest.resize(rest.size() - kArray.size());
  if (rest == "bool" || rest == "boolean") rest = "tinyint(1)";
  // Of intervals the fields are left open.
  if (rest.starts_with("interval ")) rest = "interval";
  const bool has_numbers = rest.find('(') != std::string::npos;
  const std::string numbers = TakeNumbers(rest);
  pattern.name = rest;
  for (const Synonym& synonym : kSynonyms) {
    if (synonym.word == pattern.name) pattern.name = synonym.name;
  }
  bool good = IsName(pattern.name);
  if (array) pattern.name += kArray;
  if (good && has_numbers) {
    const size_t comma = numbers.find(',');
    const auto number = [](std::string digits) {
      absl::StripAsciiWhitespace(&digits);
      return base::ParseInteger<uint32_t>(digits);
    };
    pattern.length = number(numbers.substr(0, comma));
    good = pattern.length.has_value();
    if (comma != std::string::npos) {
      pattern.decimals = number(numbers.substr(comma + 1));
      good = good && pattern.decimals.has_value();
    }
  }
  if (good) return pattern;
  return base::InvalidArgument(
      "{} is not a type; write one as the source does, such as tinyint(1), int unsigned or "
      "timestamp "
      "with time zone, without labels and charsets",
      Quoted(text));
}

bool TypePattern::Matches(const TypePattern& type) const {
  return name == type.name && (!length || length == type.length) &&
         (!decimals || decimals == type.decimals) && (!is_unsigned || type.is_unsigned);
}

std::string CastRule::About() const {
  if (!column.empty()) return fmt::format("{}.{}", column_table.ToString(), column);
  std::string text;
  if (type) {
    text = type->name;
    if (type->length && type->decimals) {
      text += fmt::format("({},{})", *type->length, *type->decimals);
    } else if (type->length) {
      text += fmt::format("({})", *type->length);
    }
    if (type->is_unsigned) text += " unsigned";
  }
  if (table) text += " in " + table->text();
  return text;
}

std::string CastRule::Said() const {
  return fmt::format("`casts` in the task file says {} for {}", to, About());
}

std::string RemedyOfCast(std::span<const std::string_view> types) {
  return fmt::format("say one of {} there, or leave the rule out", fmt::join(types, ", "));
}

const CastRule* Casts::Find(const model::TableName& table, std::string_view column,
                            const TypePattern& type) const {
  const CastRule* best = nullptr;
  for (const CastRule& rule : rules) {
    if (best != nullptr && Rank(rule) >= Rank(*best)) continue;
    if (Applies(rule, table, column, type)) best = &rule;
  }
  return best;
}

}  // namespace godwit::config
