#include "connectors/mysql/from_postgres/expression_lexer.h"

#include <absl/strings/ascii.h>

#include <optional>

namespace godwit::connectors::mysql {
namespace {

using Kind = PostgresToken::Kind;
using std::string_view;

bool StartsWord(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80) != 0;
}
bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool IsOperator(char c) { return string_view("+-*/<>=~!@#%^&|`?").find(c) != string_view::npos; }

class Lexer {
 public:
  explicit Lexer(string_view text) : text_(text) {}

  base::StatusOr<std::vector<PostgresToken>> Run() {
    std::vector<PostgresToken> tokens;
    while (true) {
      while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_])))
        ++at_;
      PostgresToken token;
      if (at_ == text_.size()) {
        tokens.push_back(token);
        return tokens;
      }
      const size_t begin = at_;
      GODWIT_RETURN_IF_ERROR(Next(token));
      token.raw = text_.substr(begin, at_ - begin);
      if (token.kind != Kind::kName && token.kind != Kind::kString && token.kind != Kind::kBits)
        token.text = token.raw;
      tokens.push_back(std::move(token));
    }
  }

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  template <typename Predicate>
  void SkipWhile(Predicate is) {
    while (at_ < text_.size() && is(text_[at_])) ++at_;
  }

  base::Status Next(PostgresToken& token) {
    const char c = Peek();
    if (c == '\'') return Quoted(token, Kind::kString);
    if (c == '"') return Quoted(token, Kind::kName);
    if (Peek(1) == '\'' && StartsWord(c)) {
      if (c != 'B') return base::Unimplemented("a string that begins with {}'", c);
      ++at_;
      return Quoted(token, Kind::kBits);
    }
    if (StartsWord(c)) {
      token.kind = Kind::kWord;
      SkipWhile([](char x) { return StartsWord(x) || IsDigit(x) || x == '$'; });
    } else if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) {
      token.kind = Kind::kNumber;
      Number();
    } else if (c == ':' && Peek(1) == ':') {
      token.kind = Kind::kSymbol;
      at_ += 2;
    } else if (IsOperator(c)) {
      token.kind = Kind::kOperator;
      SkipWhile(IsOperator);
    } else {
      token.kind = Kind::kSymbol;
      ++at_;
    }
    return base::OkStatus();
  }

  void Number() {
    SkipWhile([](char x) { return IsDigit(x) || x == '.'; });
    if (Peek() != 'e' && Peek() != 'E') return;
    ++at_;
    if (Peek() == '+' || Peek() == '-') ++at_;
    SkipWhile(IsDigit);
  }

  base::Status Quoted(PostgresToken& token, Kind kind) {
    token.kind = kind;
    const char quote = text_[at_++];
    while (at_ < text_.size()) {
      if (text_[at_] != quote) {
        token.text.push_back(text_[at_++]);
      } else if (Peek(1) == quote) {
        token.text.push_back(quote);
        at_ += 2;
      } else {
        ++at_;
        return base::OkStatus();
      }
    }
    return base::Unimplemented("a quote without its end");
  }

  const string_view text_;
  size_t at_ = 0;
};

}  // namespace

base::StatusOr<std::vector<PostgresToken>> LexPostgres(string_view text) {
  return Lexer(text).Run();
}

}  // namespace godwit::connectors::mysql
