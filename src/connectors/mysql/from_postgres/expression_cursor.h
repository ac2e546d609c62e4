#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/text.h"
#include "connectors/mysql/from_postgres/expression_lexer.h"

namespace godwit::connectors::mysql {

// Walks over the tokens of an expression. Accept functions move on only where what they look for is
// there. Words are compared without case, and quoted names are never keywords.
class ExpressionCursor {
 public:
  explicit ExpressionCursor(std::vector<PostgresToken> tokens) : tokens_(std::move(tokens)) {}

  const PostgresToken& Peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool AtEnd() const { return Peek().kind == PostgresToken::Kind::kEnd; }
  bool AtOperator() const { return Peek().kind == PostgresToken::Kind::kOperator; }
  void Skip(size_t tokens = 1) { at_ = std::min(at_ + tokens, tokens_.size() - 1); }

  bool Is(std::string_view word, size_t ahead = 0) const {
    return Peek(ahead).kind == PostgresToken::Kind::kWord &&
           base::EqualsIgnoreCase(Peek(ahead).text, word);
  }
  bool IsSymbol(std::string_view symbol, size_t ahead = 0) const {
    return Peek(ahead).kind == PostgresToken::Kind::kSymbol && Peek(ahead).text == symbol;
  }
  bool Accept(std::string_view word) {
    if (!Is(word)) return false;
    Skip();
    return true;
  }
  bool AcceptSymbol(std::string_view symbol) {
    if (!IsSymbol(symbol)) return false;
    Skip();
    return true;
  }

  // kUnimplemented: what stands here is not known.
  base::Status Unknown() const {
    return base::Unimplemented("`{}`", AtEnd() ? "its end" : Peek().raw);
  }
  // A name with or without a schema, as written.
  base::StatusOr<std::string> QualifiedName() {
    std::string name;
    do {
      if (Peek().kind != PostgresToken::Kind::kWord && Peek().kind != PostgresToken::Kind::kName)
        return Unknown();
      name += (name.empty() ? "" : ".") + Peek().raw;
      Skip();
    } while (AcceptSymbol("."));
    return name;
  }

 private:
  const std::vector<PostgresToken> tokens_;
  size_t at_ = 0;
};

}  // namespace godwit::connectors::mysql
