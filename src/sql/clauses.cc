#include "sql/clauses.h"

#include "base/text.h"

namespace godwit::sql {
namespace {

// `CURRENT_TIMESTAMP`, `f(...)`, `schema.f(...)`, `TRUE`, `NEXT VALUE FOR s`, `_utf8mb4'x'`,
// `DATE'2000-01-01'`.
base::Status SkipNamedExpression(TokenCursor& cursor) {
  if (cursor.Accept("NEXT", "VALUE", "FOR") || cursor.Accept("PREVIOUS", "VALUE", "FOR")) {
    return cursor.ExpectTable().status();
  }
  if (cursor.Accept("CASE")) {
    for (int depth = 1; depth > 0; cursor.Skip()) {
      if (cursor.AtEnd()) return cursor.Error("END");
      if (cursor.Is("CASE")) ++depth;
      if (cursor.Is("END")) --depth;
    }
    return base::OkStatus();
  }
  cursor.Skip();
  while (cursor.AcceptSymbol('.')) GODWIT_RETURN_IF_ERROR(cursor.ExpectName("a name").status());
  if (cursor.IsSymbol('(')) return cursor.ExpectParenthesized().status();
  TokenKind next = cursor.Peek().kind;
  if (next == TokenKind::kString) return cursor.ExpectString("a string").status();
  if (next == TokenKind::kNumber) cursor.Skip();  // _binary x'00'
  return base::OkStatus();
}

}  // namespace

base::StatusOr<std::string> ParseDefaultExpression(TokenCursor& cursor) {
  size_t begin = cursor.position();
  while (cursor.AcceptSymbol('-') || cursor.AcceptSymbol('+')) {
  }
  const Token& token = cursor.Peek();
  if (cursor.IsSymbol('(')) {
    GODWIT_RETURN_IF_ERROR(cursor.ExpectParenthesized().status());
  } else if (token.kind == TokenKind::kString) {
    GODWIT_RETURN_IF_ERROR(cursor.ExpectString("a string").status());
  } else if (token.kind == TokenKind::kNumber) {
    cursor.Skip();
  } else if (cursor.IsName()) {
    GODWIT_RETURN_IF_ERROR(SkipNamedExpression(cursor));
  } else if (token.kind == TokenKind::kVariable) {
    cursor.Skip();
    if (cursor.AcceptSymbol(':')) {
      GODWIT_RETURN_IF_ERROR(cursor.ExpectSymbol('='));
      GODWIT_RETURN_IF_ERROR(ParseDefaultExpression(cursor).status());
    }
  } else {
    return cursor.Error("an expression");
  }
  return cursor.TextFrom(begin);
}

base::StatusOr<bool> ParseCharset(TokenCursor& cursor, CharsetChoice& charset) {
  size_t ahead = cursor.Is("DEFAULT") ? 1 : 0;
  bool names_charset =
      cursor.Is("CHARSET", ahead) ||
      ((cursor.Is("CHARACTER", ahead) || cursor.Is("CHAR", ahead)) && cursor.Is("SET", ahead + 1));
  if (!names_charset && !cursor.Is("COLLATE", ahead)) return false;
  if (cursor.IsSymbol('(', ahead + 1)) return false;  // DEFAULT CHARSET(a) calls a function
  bool two_words = cursor.Is("SET", ahead + 1);
  for (size_t i = 0; i < ahead + (two_words ? 2 : 1); ++i) cursor.Skip();
  cursor.AcceptSymbol('=');
  GODWIT_ASSIGN_OR_RETURN(std::string name, cursor.ExpectPlainName("a name"));
  (names_charset ? charset.charset : charset.collation) = std::move(name);
  return true;
}

bool AtElementEnd(const TokenCursor& cursor) {
  return cursor.AtEnd() || cursor.IsSymbol(',') || cursor.IsSymbol(')') ||
         (cursor.Is("REMOVE") && cursor.Is("PARTITIONING", 1)) ||
         (cursor.Is("PARTITION") && cursor.Is("BY", 1));
}

void ChooseUtf8mb4(const ParseOptions& options, CharsetChoice& charset) {
  if (options.flavour == Flavour::kMySql && charset.collation.empty() &&
      base::EqualsIgnoreCase(charset.charset, "utf8mb4")) {
    charset.collation = options.default_collation_for_utf8mb4;
  }
}

void ParseEnforcement(TokenCursor& cursor, CheckDefinition& check) {
  if (cursor.options().flavour != Flavour::kMySql) return;
  if (cursor.Accept("NOT", "ENFORCED")) {
    check.enforced = false;
  } else {
    cursor.AcceptAny("ENFORCED");
  }
}

}  // namespace godwit::sql
