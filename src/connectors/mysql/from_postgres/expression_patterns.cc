#include "connectors/mysql/from_postgres/expression_patterns.h"

#include <absl/strings/ascii.h>

namespace godwit::connectors::mysql {
namespace {

using Result = base::StatusOr<ExpressionValue>;
using std::string_view;

bool IsLetterOrDigit(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }
bool IsAsciiPunctuation(char c) { return absl::ascii_ispunct(static_cast<unsigned char>(c)); }

class Regex {
 public:
  explicit Regex(string_view text) : text_(text) {}

  base::StatusOr<std::string> Run() {
    if (text_.starts_with("***")) return Other();
    while (!AtEnd()) GODWIT_RETURN_IF_ERROR(Piece());
    if (depth_ != 0) return Other();
    return std::move(out_);
  }

 private:
  bool AtEnd() const { return at_ == text_.size(); }
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  base::Status Other() const {
    return NotTranslated(fmt::format("the regular expression {}", text_));
  }

  base::Status Piece() {
    const char c = text_[at_++];
    switch (c) {
      case '^':
        out_ += '^';
        return base::OkStatus();
      case '$':
        out_ += "\\z";  // not before a line's end
        return base::OkStatus();
      case '|':
        out_ += '|';
        return base::OkStatus();
      case '(':
        if (Peek() == '?') {
          if (Peek(1) != ':') return Other();
          at_ += 2;
        }
        ++depth_;
        out_ += "(?:";
        return base::OkStatus();
      case ')':
        if (depth_-- == 0) return Other();
        out_ += ')';
        return Count();
      case '.':
        out_ += "[\\s\\S]";  // a line's end too
        return Count();
      case '[':
        GODWIT_RETURN_IF_ERROR(Set());
        return Count();
      case '\\':
        if (!IsAsciiPunctuation(Peek())) return Other();
        Literal(text_[at_++]);
        return Count();
      default:
        if (string_view("*+?{}]").find(c) != string_view::npos || (c & 0x80) != 0 ||
            (!absl::ascii_isprint(static_cast<unsigned char>(c))))
          return Other();
        Literal(c);
        return Count();
    }
  }

  void Literal(char c) {
    if (string_view(".^$*+?()[]{}|\\").find(c) != string_view::npos) out_ += '\\';
    out_ += c;
  }
  void LiteralInSet(char c) {
    if (!IsLetterOrDigit(c) && c != '_' && c != ' ') out_ += '\\';
    out_ += c;
  }

  // What says how often the piece before comes.
  base::Status Count() {
    const char c = Peek();
    if (c == '*' || c == '+' || c == '?') {
      ++at_;
      out_ += c;
    } else if (c == '{') {
      const size_t end = text_.find('}', at_);
      const string_view count = text_.substr(at_, end == string_view::npos ? end : end + 1 - at_);
      if (end == string_view::npos || !absl::ascii_isdigit(static_cast<unsigned char>(count[1])) ||
          count.find_first_not_of("0123456789,", 1) != count.size() - 1)
        return Other();
      out_ += count;
      at_ = end + 1;
    } else {
      return base::OkStatus();
    }
    return string_view("*+?{").find(Peek()) != string_view::npos && !AtEnd() ? Other()
                                                                             : base::OkStatus();
  }

  // Characters, and ranges between letters or between digits.
  base::Status Set() {
    out_ += '[';
    if (Peek() == '^') {
      ++at_;
      out_ += '^';
    }
    bool first = true;
    while (Peek() != ']' || first) {
      first = false;
      char c = Peek();
      ++at_;
      if (c == '\\') {
        c = Peek();
        ++at_;
        if (!IsAsciiPunctuation(c)) return Other();
      } else if (c == '[' || c == ']') {
        return Other();
      }
      if (!absl::ascii_isprint(static_cast<unsigned char>(c))) return Other();
      LiteralInSet(c);
      if (Peek() != '-' || Peek(1) == ']') continue;
      const char last = Peek(1);
      if (!IsLetterOrDigit(c) || !IsLetterOrDigit(last) || last < c) return Other();
      out_ += '-';
      out_ += last;
      at_ += 2;
      // Whether a-b-c is a range is not said.
      if (Peek() == '-' && Peek(1) != ']') return Other();
    }
    ++at_;
    out_ += ']';
    return base::OkStatus();
  }

  const string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
  std::string out_;
};

// Of other escapes only PostgreSQL would complain, or not make the same.
bool IsPlainLike(string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '\\') continue;
    if (++i == pattern.size() || string_view("%_\\").find(pattern[i]) == string_view::npos)
      return false;
  }
  return true;
}

}  // namespace

base::StatusOr<std::string> TranslateRegex(string_view regex) { return Regex(regex).Run(); }

Result Matched(const ExpressionValue& text, string_view op, const ExpressionValue& pattern,
               const ExpressionScope& scope) {
  const bool negated = op.starts_with('!');
  const bool like = op.ends_with("~~");
  const string_view name = like ? "LIKE" : "a regular expression";
  if (text.kind != ValueKind::kText || pattern.kind != ValueKind::kText || !pattern.is_literal)
    return NotTranslated(fmt::format("{} of such values", name));
  if (text.padded || pattern.padded) {
    return NotTranslated(
        fmt::format("{} of character(n), of which it sees the blanks at the end,", name));
  }
  if (text.order != TextOrder::kBytes) return NotTranslated(fmt::format("{} by a collation", name));
  if (like) {
    if (!IsPlainLike(pattern.literal)) return NotTranslated("LIKE with such a pattern");
    return MakeCondition(
        fmt::format("({} {}LIKE {})", text.sql, negated ? "NOT " : "", pattern.sql));
  }
  GODWIT_ASSIGN_OR_RETURN(const std::string regex, TranslateRegex(pattern.literal));
  std::string sql = scope.IsMySql()
                        ? fmt::format("REGEXP_LIKE({}, {}, 'c')", text.sql, TextSql(regex))
                        : fmt::format("({} REGEXP {})", text.sql, TextSql(regex));
  return MakeCondition(negated ? fmt::format("(NOT {})", sql) : std::move(sql));
}

}  // namespace godwit::connectors::mysql
