#include "sql/lexer.h"

#include <absl/strings/ascii.h>

#include <optional>
#include <utility>

#include "sql/writer.h"

namespace godwit::sql {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSpace(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }

class Lexer {
 public:
  Lexer(std::string_view text, const ParseOptions& options) : text_(text), options_(options) {}

  base::StatusOr<std::vector<Token>> Run() {
    while (true) {
      GODWIT_RETURN_IF_ERROR(SkipGap());
      if (pos_ == text_.size()) break;
      GODWIT_RETURN_IF_ERROR(Next());
    }
    if (in_version_comment_) return Unended("comment", pos_);
    Add(TokenKind::kEnd, pos_);
    return std::move(tokens_);
  }

 private:
  char At(size_t ahead) const { return pos_ + ahead < text_.size() ? text_[pos_ + ahead] : '\0'; }

  base::Status Unended(std::string_view what, size_t start) const {
    return base::InvalidArgument("{} at offset {} does not end: {}", what, start,
                                 text_.substr(start, 60));
  }

  Token& Add(TokenKind kind, size_t start) {
    Token& token = tokens_.emplace_back();
    token.kind = kind;
    token.gap = gap_;
    token.offset = start;
    token.raw = text_.substr(start, pos_ - start);
    gap_ = false;
    return token;
  }

  // Skips white space and comments, and enters and leaves version comments.
  base::Status SkipGap() {
    while (pos_ < text_.size()) {
      char c = text_[pos_];
      if (IsSpace(c)) {
        ++pos_;
      } else if (c == '#' || (c == '-' && At(1) == '-' && StartsDashComment())) {
        pos_ = std::min(text_.find('\n', pos_), text_.size());
      } else if (c == '/' && At(1) == '*') {
        GODWIT_RETURN_IF_ERROR(SkipOrEnterComment());
      } else if (c == '*' && At(1) == '/' && in_version_comment_) {
        in_version_comment_ = false;
        pos_ += 2;
      } else {
        return base::OkStatus();
      }
      gap_ = true;
    }
    return base::OkStatus();
  }

  bool StartsDashComment() const {
    return pos_ + 2 >= text_.size() || IsSpace(text_[pos_ + 2]) ||
           absl::ascii_iscntrl(static_cast<unsigned char>(text_[pos_ + 2]));
  }

  uint32_t ServerVersion() const {
    if (options_.server_version != 0) return options_.server_version;
    return options_.flavour == Flavour::kMySql ? 90799 : 101199;
  }

  base::Status SkipOrEnterComment() {
    const bool mysql = options_.flavour == Flavour::kMySql;
    bool maria = At(2) == 'M' && At(3) == '!' && !mysql;
    if (At(2) != '!' && !maria) return SkipComment(/*nested=*/false);
    size_t start = pos_ + (maria ? 4 : 3);
    size_t digits = 0;
    uint32_t version = 0;
    while (digits < 6 && start + digits < text_.size() && IsDigit(text_[start + digits])) {
      version = version * 10 + static_cast<uint32_t>(text_[start + digits] - '0');
      ++digits;
    }
    bool versioned = digits >= 5;
    bool mysqls_own = version >= 50700 && version <= 99999 && !maria && !mysql;
    if (versioned && (version > ServerVersion() || mysqls_own)) return SkipComment(/*nested=*/true);
    pos_ = start + (versioned ? digits : 0);
    in_version_comment_ = true;
    return base::OkStatus();
  }

  // A version comment that is left out may hold plain comments.
  base::Status SkipComment(bool nested) {
    size_t start = pos_;
    pos_ += 2;
    while (true) {
      size_t end = text_.find("*/", pos_);
      if (end == std::string_view::npos) return Unended("comment", start);
      size_t inner = nested ? text_.substr(0, end).find("/*", pos_) : std::string_view::npos;
      pos_ = end + 2;
      if (inner == std::string_view::npos) return base::OkStatus();
    }
  }

  base::Status Next() {
    size_t start = pos_;
    char c = text_[pos_];
    if (c == '`' || (c == '"' && options_.ansi_quotes))
      return Quoted(TokenKind::kIdentifier, start);
    if (c == '[' && options_.bracket_quotes) return Quoted(TokenKind::kIdentifier, start);
    if (c == '\'' || c == '"') return Quoted(TokenKind::kString, start);
    if ((c == 'x' || c == 'X' || c == 'b' || c == 'B') && At(1) == '\'')
      return PrefixedLiteral(start);
    if ((c == 'n' || c == 'N') && At(1) == '\'') {  // N'x' is _utf8mb3'x'
      ++pos_;
      Add(TokenKind::kWord, start);
      return base::OkStatus();
    }
    if (c == '@') return Variable(start);
    if (IsDigit(c) || (c == '.' && IsDigit(At(1)) && !AfterName())) {
      Number(start);
      return base::OkStatus();
    }
    if (IsWordCharacter(c)) {
      while (IsWordCharacter(At(0))) ++pos_;
      Add(TokenKind::kWord, start);
      return base::OkStatus();
    }
    ++pos_;
    Add(TokenKind::kSymbol, start);
    return base::OkStatus();
  }

  // Whether a name ends just here, so that a dot belongs to it.
  bool AfterName() const {
    return !gap_ && !tokens_.empty() &&
           (tokens_.back().kind == TokenKind::kWord ||
            tokens_.back().kind == TokenKind::kIdentifier);
  }
  bool AfterNameDot() const {
    return !gap_ && tokens_.size() >= 2 && tokens_.back().raw == "." && !tokens_.back().gap &&
           (tokens_[tokens_.size() - 2].kind == TokenKind::kWord ||
            tokens_[tokens_.size() - 2].kind == TokenKind::kIdentifier);
  }

  // A number, or a name that begins with digits (any name may after a dot).
  void Number(size_t start) {
    bool number = !AfterNameDot();
    size_t digits_end = pos_;
    while (digits_end < text_.size() && IsDigit(text_[digits_end])) ++digits_end;
    size_t word_end = pos_;
    while (word_end < text_.size() && IsWordCharacter(text_[word_end])) ++word_end;
    std::string_view word = text_.substr(pos_, word_end - pos_);
    if (!number || (word_end > digits_end && !IsNumberWord(word))) {
      pos_ = word_end;
      Add(TokenKind::kWord, start);
      return;
    }
    if (word_end > digits_end && (word[1] == 'x' || word[1] == 'b')) {
      pos_ = word_end;
      Add(TokenKind::kNumber, start);
      return;
    }
    pos_ = digits_end;
    if (At(0) == '.') {
      ++pos_;
      while (IsDigit(At(0))) ++pos_;
    }
    size_t sign = At(1) == '+' || At(1) == '-' ? 1 : 0;
    if ((At(0) == 'e' || At(0) == 'E') && IsDigit(At(1 + sign))) {
      pos_ += 1 + sign;
      while (IsDigit(At(0))) ++pos_;
    }
    Add(TokenKind::kNumber, start);
  }

  // Whether a word of digits and more is a number all the same: 0xFF, 0b01, 1e5, 1e (of 1e+5).
  bool IsNumberWord(std::string_view word) const {
    auto all_of = [](std::string_view rest, auto predicate) {
      for (char c : rest) {
        if (!predicate(static_cast<unsigned char>(c))) return false;
      }
      return !rest.empty();
    };
    if (word.starts_with("0x")) return all_of(word.substr(2), absl::ascii_isxdigit);
    if (word.starts_with("0b"))
      return all_of(word.substr(2), [](unsigned char c) { return c == '0' || c == '1'; });
    size_t e = word.find_first_of("eE");
    if (e == std::string_view::npos || !all_of(word.substr(0, e), absl::ascii_isdigit))
      return false;
    std::string_view exponent = word.substr(e + 1);
    if (!exponent.empty()) return all_of(exponent, absl::ascii_isdigit);
    size_t after = pos_ + word.size();
    return after + 1 < text_.size() && (text_[after] == '+' || text_[after] == '-') &&
           IsDigit(text_[after + 1]);
  }

  base::Status PrefixedLiteral(size_t start) {
    size_t end = text_.find('\'', pos_ + 2);
    if (end == std::string_view::npos) return Unended("literal", start);
    pos_ = end + 1;
    Add(TokenKind::kNumber, start);
    return base::OkStatus();
  }

  base::Status Variable(size_t start) {
    pos_ += At(1) == '@' ? 2 : 1;
    if (At(0) == '`' || At(0) == '\'' || At(0) == '"') {
      char quote = At(0);
      size_t end = text_.find(quote, pos_ + 1);
      if (end == std::string_view::npos) return Unended("name", start);
      pos_ = end + 1;
    } else {
      while (IsWordCharacter(At(0)) || At(0) == '.') ++pos_;
    }
    Add(TokenKind::kVariable, start);
    return base::OkStatus();
  }

  base::Status Quoted(TokenKind kind, size_t start) {
    char quote = text_[pos_++];
    if (quote == '[') quote = ']';
    bool escapes = kind == TokenKind::kString && !options_.no_backslash_escapes;
    std::string value;
    while (pos_ < text_.size()) {
      char c = text_[pos_++];
      if (c == quote) {
        if (At(0) != quote) {
          Add(kind, start).value = std::move(value);
          return base::OkStatus();
        }
        ++pos_;
      } else if (c == '\\' && escapes && pos_ < text_.size()) {
        AppendEscaped(text_[pos_++], value);
        continue;
      }
      value.push_back(c);
    }
    return Unended("quote", start);
  }

  static void AppendEscaped(char c, std::string& value) {
    switch (c) {
      case '0':
        value.push_back('\0');
        break;
      case 'b':
        value.push_back('\b');
        break;
      case 'n':
        value.push_back('\n');
        break;
      case 'r':
        value.push_back('\r');
        break;
      case 't':
        value.push_back('\t');
        break;
      case 'Z':
        value.push_back('\x1a');
        break;
      case '%':
      case '_':  // patterns keep their backslash
        value.push_back('\\');
        value.push_back(c);
        break;
      default:
        value.push_back(c);
    }
  }

  const std::string_view text_;
  const ParseOptions& options_;
  std::vector<Token> tokens_;
  size_t pos_ = 0;
  bool gap_ = false;
  bool in_version_comment_ = false;
};

// Whether two tokens without a gap would be read as something else in their new form: "a"'b' as one
// string, x"41" as a number, -- as a comment.
bool WouldJoin(const Token& last, const Token& token) {
  bool double_quoted = token.kind == TokenKind::kString && token.raw[0] == '"';
  bool quoted = token.kind == TokenKind::kString || token.kind == TokenKind::kIdentifier;
  return (quoted && last.kind == token.kind) || (double_quoted && last.kind == TokenKind::kWord) ||
         (last.raw == "-" && token.raw == "-");
}

}  // namespace

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' ||
         (c & 0x80) != 0;
}

base::StatusOr<std::vector<Token>> Lex(std::string_view text, const ParseOptions& options) {
  return Lexer(text, options).Run();
}

std::string Render(std::span<const Token> tokens) {
  std::string out;
  const Token* last = nullptr;
  for (const Token& token : tokens) {
    if (last != nullptr && (token.gap || WouldJoin(*last, token))) out.push_back(' ');
    last = &token;
    switch (token.kind) {
      case TokenKind::kIdentifier:
        out += QuoteIdentifier(token.value);
        break;
      case TokenKind::kString:
        out += QuoteString(token.value);
        break;
      default:
        out += token.raw;
    }
  }
  return out;
}

}  // namespace godwit::sql
