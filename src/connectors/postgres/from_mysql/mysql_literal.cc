#include "connectors/postgres/from_mysql/mysql_literal.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>

#include <algorithm>
#include <span>
#include <vector>

#include "base/text.h"
#include "sql/lexer.h"

namespace godwit::connectors::postgres {
namespace {

using Kind = MysqlLiteral::Kind;
using sql::Token;
using sql::TokenKind;
using std::string_view;

bool IsSymbol(const Token& token, char symbol) {
  return token.kind == TokenKind::kSymbol && token.raw[0] == symbol;
}

bool IsWord(const Token& token, string_view word) {
  return token.kind == TokenKind::kWord && base::EqualsIgnoreCase(token.raw, word);
}

// x'4142', 0x4142, b'101', 0b101, 12.5e3
MysqlLiteral NumberLiteral(string_view raw) {
  const char mark =
      absl::ascii_tolower(static_cast<unsigned char>(raw[0] == '0' ? raw[1] : raw[0]));
  const bool quoted = raw.ends_with('\'');
  if (raw.size() > 2 && (quoted || (raw[0] == '0' && (mark == 'x' || mark == 'b')))) {
    const std::string digits(raw.substr(2, raw.size() - (quoted ? 3 : 2)));
    if (mark == 'b') return {Kind::kBits, digits};
    return {Kind::kBytes, absl::HexStringToBytes((digits.size() % 2 != 0 ? "0" : "") + digits)};
  }
  return {Kind::kNumber, std::string(raw)};
}

bool AllDigits(string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

int Number(string_view digits) { return base::ParseInteger<int>(digits).value_or(0); }

// hh:mm:ss[.ffffff]
bool IsTime(string_view text, int most_hours) {
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return false;
  for (const size_t at : {0, 3, 6}) {
    if (!AllDigits(text.substr(at, 2))) return false;
  }
  if (Number(text.substr(0, 2)) > most_hours || Number(text.substr(3, 2)) > 59 ||
      Number(text.substr(6, 2)) > 59)
    return false;
  return text.size() == 8 || (text[8] == '.' && text.size() <= 15 && AllDigits(text.substr(9)));
}

}  // namespace

std::optional<MysqlLiteral> ParseMysqlLiteral(string_view text, sql::Flavour flavour) {
  sql::ParseOptions options;
  options.flavour = flavour;
  const auto lexed = sql::Lex(text, options);
  if (!lexed.ok()) return std::nullopt;
  std::span<const Token> tokens(*lexed);
  tokens = tokens.first(tokens.size() - 1);  // the end
  while (tokens.size() > 2 && IsSymbol(tokens.front(), '(') && IsSymbol(tokens.back(), ')'))
    tokens = tokens.subspan(1, tokens.size() - 2);
  std::string sign;
  while (tokens.size() > 1 && (IsSymbol(tokens[0], '-') || IsSymbol(tokens[0], '+'))) {
    if (tokens[0].raw[0] == '-') sign = sign.empty() ? "-" : "";
    tokens = tokens.subspan(1);
  }
  const bool introduced = tokens.size() == 2 && tokens[0].kind == TokenKind::kWord &&
                          (tokens[0].raw[0] == '_' || base::EqualsIgnoreCase(tokens[0].raw, "n"));
  const bool temporal =
      tokens.size() == 2 && tokens[1].kind == TokenKind::kString &&
      (IsWord(tokens[0], "DATE") || IsWord(tokens[0], "TIME") || IsWord(tokens[0], "TIMESTAMP"));
  if (sign.empty() && (introduced || temporal)) tokens = tokens.subspan(1);
  if (tokens.size() != 1) return std::nullopt;
  const Token& token = tokens[0];
  if (token.kind == TokenKind::kNumber) {
    MysqlLiteral literal = NumberLiteral(token.raw);
    if (literal.kind == Kind::kNumber) {
      literal.value = sign + literal.value;
    } else if (!sign.empty()) {
      return std::nullopt;
    }
    return literal;
  }
  if (!sign.empty()) return std::nullopt;
  if (token.kind == TokenKind::kString) return MysqlLiteral{Kind::kText, token.value};
  if (IsWord(token, "NULL")) return MysqlLiteral{};
  if (IsWord(token, "TRUE")) return MysqlLiteral{Kind::kNumber, "1"};
  if (IsWord(token, "FALSE")) return MysqlLiteral{Kind::kNumber, "0"};
  return std::nullopt;
}

bool IsDate(string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  if (!AllDigits(text.substr(0, 4)) || !AllDigits(text.substr(5, 2)) ||
      !AllDigits(text.substr(8, 2)))
    return false;
  const int year = Number(text.substr(0, 4)), month = Number(text.substr(5, 2));
  const int day = Number(text.substr(8, 2));
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool IsDateTime(string_view text) {
  if (IsDate(text)) return true;
  return text.size() >= 19 && text[10] == ' ' && IsDate(text.substr(0, 10)) &&
         IsTime(text.substr(11), 23);
}

bool IsTimeOfDay(string_view text) {
  return IsTime(text, 23) ||
         (text.starts_with("24:00:00") && text.find_first_of("123456789", 8) == string_view::npos &&
          IsTime(text, 24));
}

}  // namespace godwit::connectors::postgres
