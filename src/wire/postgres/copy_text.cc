#include "wire/postgres/copy_text.h"

namespace godwit::wire::postgres {
namespace {

// What the letter after a backslash stands for, of those that COPY TO writes.
char Unescaped(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return letter;
  }
}

}  // namespace

const std::vector<std::optional<std::string_view>>& CopyTextRow::Parse(std::string_view line) {
  values_.clear();
  unescaped_.clear();
  unescaped_.reserve(line.size());  // so that views into it stay
  if (line.ends_with('\n')) line.remove_suffix(1);
  while (true) {
    const size_t end = line.find('\t');
    const std::string_view field = line.substr(0, end);
    if (field == "\\N") {
      values_.emplace_back();
    } else if (field.find('\\') == std::string_view::npos) {
      values_.emplace_back(field);
    } else {
      const size_t begin = unescaped_.size();
      for (size_t i = 0; i < field.size(); ++i) {
        const bool escape = field[i] == '\\' && i + 1 < field.size();
        unescaped_ += escape ? Unescaped(field[++i]) : field[i];
      }
      values_.emplace_back(std::string_view(unescaped_).substr(begin));
    }
    if (end == std::string_view::npos) return values_;
    line.remove_prefix(end + 1);
  }
}

}  // namespace godwit::wire::postgres
