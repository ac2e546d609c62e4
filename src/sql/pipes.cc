#include "sql/pipes.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace godwit::sql {
namespace {

bool Is(const Token& token, std::string_view word) {
  return token.kind == TokenKind::kWord && base::EqualsIgnoreCase(token.raw, word);
}
bool IsSymbol(const Token& token, std::string_view symbol) {
  return token.kind == TokenKind::kSymbol && token.raw == symbol;
}

// Words after which an operand stands; a bracket after them is no function's.
bool IsOperator(const Token& token) {
  constexpr std::array<std::string_view, 24> kWords = {
      "AND", "OR",    "XOR",  "NOT",    "IN",     "IS",      "LIKE",     "RLIKE",
      "DIV", "MOD",   "CASE", "WHEN",   "THEN",   "ELSE",    "BETWEEN",  "REGEXP",
      "AS",  "CHECK", "BY",   "SELECT", "ESCAPE", "DEFAULT", "INTERVAL", "VALUES"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return Is(token, word); });
}
// A charset before a literal, or what makes a date of a string.
bool Introduces(const Token& word, const Token& literal) {
  if (word.kind != TokenKind::kWord) return false;
  if (literal.kind == TokenKind::kNumber) return word.raw.starts_with('_');
  return literal.kind == TokenKind::kString && (word.raw.starts_with('_') || Is(word, "DATE") ||
                                                Is(word, "TIME") || Is(word, "TIMESTAMP"));
}

class Pipes {
 public:
  explicit Pipes(std::vector<Token>& tokens) : tokens_(tokens) {}

  void Write() {
    for (size_t i = 1; i + 2 < tokens_.size(); ++i) {
      if (AreAt(i)) i = Join(i);
    }
  }

 private:
  bool AreAt(size_t i) const {
    return i + 1 < tokens_.size() && IsSymbol(tokens_[i], "|") && IsSymbol(tokens_[i + 1], "|") &&
           !tokens_[i + 1].gap;
  }

  // Writes the call for the operands of the pipes at `i`; where to look on.
  size_t Join(size_t i) {
    const size_t begin = BeginBefore(i);
    Token call = tokens_[begin];
    call.kind = TokenKind::kWord;
    call.raw = "concat";
    auto symbol = [&](std::string_view raw) {
      return Token{.kind = TokenKind::kSymbol, .offset = tokens_[i].offset, .raw = raw};
    };
    std::vector<Token> joined = {call, symbol("(")};
    auto add = [&](size_t from, size_t to) {
      const size_t first = joined.size();
      joined.insert(joined.end(), tokens_.begin() + static_cast<ptrdiff_t>(from),
                    tokens_.begin() + static_cast<ptrdiff_t>(to));
      if (joined.size() > first) joined[first].gap = false;
    };
    add(begin, i);
    size_t end = i;
    while (AreAt(end)) {
      const size_t operand = end + 2;
      end = EndAfter(operand);
      joined.push_back(symbol(","));
      add(operand, end);
    }
    joined.push_back(symbol(")"));
    const auto at = tokens_.erase(tokens_.begin() + static_cast<ptrdiff_t>(begin),
                                  tokens_.begin() + static_cast<ptrdiff_t>(end));
    tokens_.insert(at, joined.begin(), joined.end());
    return begin + 1;  // operands may hold some themselves
  }

  // The first token of the operand that ends before `end`.
  size_t BeginBefore(size_t end) const {
    size_t at = end - 1;
    if (at >= 2 && Is(tokens_[at - 1], "COLLATE")) at -= 2;
    if (IsSymbol(tokens_[at], ")")) {
      at = Opening(at);
      if (at > 0 && IsName(tokens_[at - 1])) --at;
    } else if (Is(tokens_[at], "END")) {
      for (int depth = 1; at > 0 && depth > 0;) {
        --at;
        depth += Is(tokens_[at], "END") ? 1 : Is(tokens_[at], "CASE") ? -1 : 0;
      }
    }
    if (const size_t arrow = ArrowBefore(at); arrow > 0) at = arrow - 1;
    while (at >= 2 && IsSymbol(tokens_[at - 1], ".")) at -= 2;
    if (at > 0 && Introduces(tokens_[at - 1], tokens_[at])) --at;
    while (at > 0 && IsPrefix(at - 1)) --at;
    return at;
  }

  // Just after the operand that begins at `at`.
  size_t EndAfter(size_t at) const {
    const size_t last = tokens_.size() - 1;  // kEnd
    while (at < last && (IsSign(tokens_[at]) || Is(tokens_[at], "BINARY"))) ++at;
    if (at + 1 < last && Introduces(tokens_[at], tokens_[at + 1])) ++at;
    if (at < last && Is(tokens_[at], "CASE")) {
      for (int depth = 1; at + 1 < last && depth > 0;) {
        ++at;
        depth += Is(tokens_[at], "CASE") ? 1 : Is(tokens_[at], "END") ? -1 : 0;
      }
    } else {
      while (at + 2 < last && IsSymbol(tokens_[at + 1], ".")) at += 2;
      if (at + 1 < last && IsName(tokens_[at]) && IsSymbol(tokens_[at + 1], "(")) ++at;
      if (IsSymbol(tokens_[at], "(")) at = Closing(at);
      for (size_t path = at + 3; path <= at + 4 && path < last; ++path) {
        if (ArrowBefore(path) == at + 1) at = path;
      }
    }
    if (at + 2 < last && Is(tokens_[at + 1], "COLLATE")) at += 2;
    return std::min(at + 1, last);
  }

  // Where the `->` or `->>` begins that the string at `path` follows, a path in a document; 0:
  // none.
  size_t ArrowBefore(size_t path) const {
    if (tokens_[path].kind != TokenKind::kString || path < 3) return 0;
    size_t at = path - 1;
    if (IsSymbol(tokens_[at], ">") && IsSymbol(tokens_[at - 1], ">")) --at;
    return at >= 2 && IsSymbol(tokens_[at], ">") && IsSymbol(tokens_[at - 1], "-") ? at - 1 : 0;
  }

  static bool IsName(const Token& token) {
    return token.kind == TokenKind::kIdentifier ||
           (token.kind == TokenKind::kWord && !IsOperator(token));
  }
  static bool IsSign(const Token& token) {
    return IsSymbol(token, "-") || IsSymbol(token, "+") || IsSymbol(token, "~") ||
           IsSymbol(token, "!");
  }
  // Whether it belongs to the operand after it: a sign, unless an operand stands before it.
  bool IsPrefix(size_t at) const {
    if (Is(tokens_[at], "BINARY")) return true;
    if (!IsSign(tokens_[at])) return false;
    if (at == 0 || IsOperator(tokens_[at - 1])) return true;
    return tokens_[at - 1].kind == TokenKind::kSymbol && !IsSymbol(tokens_[at - 1], ")");
  }

  size_t Opening(size_t at) const {
    for (int depth = 1; at > 0 && depth > 0;) {
      --at;
      depth += IsSymbol(tokens_[at], ")") ? 1 : IsSymbol(tokens_[at], "(") ? -1 : 0;
    }
    return at;
  }
  size_t Closing(size_t at) const {
    for (int depth = 1; at + 1 < tokens_.size() && depth > 0;) {
      ++at;
      depth += IsSymbol(tokens_[at], "(") ? 1 : IsSymbol(tokens_[at], ")") ? -1 : 0;
    }
    return at;
  }

  std::vector<Token>& tokens_;
};

}  // namespace

void WritePipesAsConcat(std::vector<Token>& tokens) { Pipes(tokens).Write(); }

}  // namespace godwit::sql
