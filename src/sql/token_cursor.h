#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "model/table.h"
#include "sql/lexer.h"

namespace godwit::sql {

// Walks over a statement's tokens for the parsers of this folder. Accept functions move on only
// where what they look for is there; Expect functions report its absence with the offset and the
// text found. Words are compared without case, and quoted names are never keywords.
class TokenCursor {
 public:
  TokenCursor(std::vector<Token> tokens, const ParseOptions& options)
      : tokens_(std::move(tokens)), options_(options) {}

  const ParseOptions& options() const { return options_; }
  size_t position() const { return pos_; }
  const Token& Peek(size_t ahead = 0) const {
    return tokens_[std::min(pos_ + ahead, tokens_.size() - 1)];
  }
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }
  void Skip() {
    if (!AtEnd()) ++pos_;
  }

  bool Is(std::string_view word, size_t ahead = 0) const;
  bool IsSymbol(char symbol, size_t ahead = 0) const;
  bool IsName(size_t ahead = 0) const;  // a word or a quoted identifier

  // All of the words one after the other, or none.
  template <typename... Words>
  bool Accept(Words... words) {
    size_t ahead = 0;
    if (!(Is(words, ahead++) && ...)) return false;
    pos_ += sizeof...(words);
    return true;
  }
  // One of the words.
  template <typename... Words>
  bool AcceptAny(Words... words) {
    return (Accept(words) || ...);
  }
  bool AcceptSymbol(char symbol);

  base::Status Expect(std::string_view word);
  base::Status ExpectSymbol(char symbol);
  base::StatusOr<std::string> ExpectName(std::string_view what);
  // A name, quoted in any way or not at all, that could stand unquoted: of an engine, a charset, a
  // method.
  base::StatusOr<std::string> ExpectPlainName(std::string_view what);
  base::StatusOr<std::string> ExpectString(std::string_view what);  // adjacent strings are one
  base::StatusOr<uint32_t> ExpectNumber(std::string_view what);
  base::StatusOr<std::vector<std::string>> ExpectNames(std::string_view what);  // a, b, c
  // table, schema.table; unqualified ones belong to `default_schema`, or else to the session's.
  base::StatusOr<model::TableName> ExpectTable(std::string_view default_schema = {});

  // Passes over `( ... )` and gives what is between, as text.
  base::StatusOr<std::string> ExpectParenthesized();
  base::StatusOr<std::string> ExpectExpression();  // the same, but not `()`
  // Passes over tokens up to a comma or a closing parenthesis outside of all parentheses, or the
  // end.
  base::Status SkipToListEnd();
  // The tokens from `begin` up to here, as text.
  std::string TextFrom(size_t begin) const;

  // kInvalidArgument: "expected <what> at offset N near '...'".
  base::Status Error(std::string_view expected) const;

 private:
  base::Status SkipParenthesized();

  std::vector<Token> tokens_;
  const ParseOptions& options_;
  size_t pos_ = 0;
};

}  // namespace godwit::sql
