#include "sql/token_cursor.h"

#include <absl/strings/ascii.h>

#include "base/text.h"

namespace godwit::sql {

bool TokenCursor::Is(std::string_view word, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kWord && base::EqualsIgnoreCase(token.raw, word);
}

bool TokenCursor::IsSymbol(char symbol, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kSymbol && token.raw[0] == symbol;
}

bool TokenCursor::IsName(size_t ahead) const {
  TokenKind kind = Peek(ahead).kind;
  return kind == TokenKind::kWord || kind == TokenKind::kIdentifier;
}

bool TokenCursor::AcceptSymbol(char symbol) {
  if (!IsSymbol(symbol)) return false;
  ++pos_;
  return true;
}

base::Status TokenCursor::Expect(std::string_view word) {
  if (!Accept(word)) return Error(word);
  return base::OkStatus();
}

base::Status TokenCursor::ExpectSymbol(char symbol) {
  if (!AcceptSymbol(symbol)) return Error(fmt::format("'{}'", symbol));
  return base::OkStatus();
}

base::StatusOr<std::string> TokenCursor::ExpectName(std::string_view what) {
  if (!IsName()) return Error(what);
  const Token& token = tokens_[pos_++];
  return token.kind == TokenKind::kIdentifier ? token.value : std::string(token.raw);
}

base::StatusOr<std::string> TokenCursor::ExpectPlainName(std::string_view what) {
  const Token& token = Peek();
  std::string_view name =
      token.kind == TokenKind::kWord ? token.raw : std::string_view(token.value);
  if (name.empty() || !std::ranges::all_of(name, IsWordCharacter)) return Error(what);
  ++pos_;
  return std::string(name);
}

base::StatusOr<std::string> TokenCursor::ExpectString(std::string_view what) {
  if (Peek().kind != TokenKind::kString) return Error(what);
  std::string value;
  while (Peek().kind == TokenKind::kString) value += tokens_[pos_++].value;
  return value;
}

base::StatusOr<uint32_t> TokenCursor::ExpectNumber(std::string_view what) {
  auto value = base::ParseInteger<uint32_t>(Peek().raw);
  if (!value) return Error(what);
  ++pos_;
  return *value;
}

base::StatusOr<std::vector<std::string>> TokenCursor::ExpectNames(std::string_view what) {
  std::vector<std::string> names;
  do {
    GODWIT_ASSIGN_OR_RETURN(std::string name, ExpectName(what));
    names.push_back(std::move(name));
  } while (AcceptSymbol(','));
  return names;
}

base::StatusOr<model::TableName> TokenCursor::ExpectTable(std::string_view default_schema) {
  model::TableName name;
  name.schema = default_schema.empty() ? options_.default_schema : std::string(default_schema);
  if (AcceptSymbol('.')) {  // `.t` is `t` for the server
    GODWIT_ASSIGN_OR_RETURN(name.table, ExpectName("a table name"));
  } else {
    GODWIT_ASSIGN_OR_RETURN(name.table, ExpectName("a table name"));
    if (!IsSymbol('*', 1) && AcceptSymbol('.')) {  // not the dot of t.*
      name.schema = std::move(name.table);
      GODWIT_ASSIGN_OR_RETURN(name.table, ExpectName("a table name"));
    }
  }
  if (options_.lower_case_names) {
    absl::AsciiStrToLower(&name.schema);
    absl::AsciiStrToLower(&name.table);
  }
  return name;
}

base::Status TokenCursor::SkipParenthesized() {
  size_t begin = pos_;
  int depth = 0;
  do {
    if (AtEnd()) {
      pos_ = begin;
      return Error("a closing parenthesis for the one");
    }
    if (IsSymbol('(')) ++depth;
    if (IsSymbol(')')) --depth;
    ++pos_;
  } while (depth > 0);
  return base::OkStatus();
}

base::StatusOr<std::string> TokenCursor::ExpectParenthesized() {
  if (!IsSymbol('(')) return Error("'('");
  size_t begin = pos_ + 1;
  GODWIT_RETURN_IF_ERROR(SkipParenthesized());
  return Render(std::span(tokens_).subspan(begin, pos_ - 1 - begin));
}

base::StatusOr<std::string> TokenCursor::ExpectExpression() {
  if (IsSymbol('(') && IsSymbol(')', 1)) return Error("an expression");
  return ExpectParenthesized();
}

base::Status TokenCursor::SkipToListEnd() {
  while (!AtEnd() && !IsSymbol(',') && !IsSymbol(')')) {
    if (IsSymbol('(')) {
      GODWIT_RETURN_IF_ERROR(SkipParenthesized());
    } else {
      ++pos_;
    }
  }
  return base::OkStatus();
}

std::string TokenCursor::TextFrom(size_t begin) const {
  return Render(std::span(tokens_).subspan(begin, pos_ - begin));
}

base::Status TokenCursor::Error(std::string_view expected) const {
  const Token& token = Peek();
  if (AtEnd()) {
    return base::InvalidArgument("expected {} where the statement ends, at offset {}", expected,
                                 token.offset);
  }
  // The token alone could be a page long.
  return base::InvalidArgument("expected {} at offset {} near '{}'", expected, token.offset,
                               token.raw.substr(0, 60));
}

}  // namespace godwit::sql
