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
constexpr Synonym kSynonyms[] = {{"integer", "int"},
                                 {"dec", "decimal"},
                                 {"numeric", "decimal"},
                                 {"fixed", "decimal"},
                                 {"double precision", "double"},
                                 {"real", "double"},
                                 {"character", "char"},
                                 {"character varying", "varchar"}};

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
  if (rest == "bool" || rest == "boolean") rest = "tinyint(1)";
  const size_t open = rest.find('(');
  pattern.name = std::string(absl::StripAsciiWhitespace(rest.substr(0, open)));
  for (const Synonym& synonym : kSynonyms) {
    if (synonym.word == pattern.name) pattern.name = synonym.name;
  }
  const auto of_name = [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; };
  bool good = !pattern.name.empty() && std::ranges::all_of(pattern.name, of_name);
  if (good && open != std::string::npos) {
    std::string numbers = rest.substr(open + 1);
    good = numbers.ends_with(')');
    if (good) numbers.pop_back();
    const size_t comma = numbers.find(',');
    const auto number = [](std::string digits) {
      absl::StripAsciiWhitespace(&digits);
      return base::ParseInteger<uint32_t>(digits);
    };
    pattern.length = number(numbers.substr(0, comma));
    good = good && pattern.length.has_value();
    if (comma != std::string::npos) {
      pattern.decimals = number(numbers.substr(comma + 1));
      good = good && pattern.decimals.has_value();
    }
  }
  if (good) return pattern;
  return base::InvalidArgument(
      "{} is not a type; write one as the source does, such as tinyint(1) or int unsigned, without "
      "labels and charsets",
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
