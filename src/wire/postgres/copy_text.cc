#include "wire/postgres/copy_text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/text.h"

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

// The letter that stands for `c` after a backslash.
char Escaped(char c) {
  switch (c) {
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return c;
  }
}

bool IsSpecial(char c) { return c == '\\' || c == '\n' || c == '\r' || c == '\t'; }

// Whether eight characters may have one that is special: control characters, and backslashes.
bool MayBeSpecial(uint64_t word) {
  constexpr uint64_t kOnes = 0x0101010101010101u, kHigh = kOnes << 7;
  const uint64_t control = (word - kOnes * 0x20) & ~word;
  const uint64_t x = word ^ kOnes * '\\';
  return ((control | ((x - kOnes) & ~x)) & kHigh) != 0;
}

// The length of the run at the head that has nothing special.
size_t PlainRun(std::string_view value) {
  size_t i = 0;
  while (i < value.size()) {
    uint64_t word;
    if (i + 8 <= value.size()) {
      std::memcpy(&word, value.data() + i, 8);
      if (!MayBeSpecial(word)) {
        i += 8;
        continue;
      }
    }
    const size_t end = std::min(i + 8, value.size());
    for (; i < end; ++i) {
      if (IsSpecial(value[i])) return i;
    }
  }
  return value.size();
}

}  // namespace

void AppendCopyField(std::string& out, std::string_view value) {
  base::ReserveForLarge(out, value.size());
  while (true) {
    const size_t run = PlainRun(value);
    out.append(value.data(), run);
    if (run == value.size()) return;
    out.push_back('\\');
    out.push_back(Escaped(value[run]));
    value.remove_prefix(run + 1);
  }
}

bool IsPlainCopyField(std::string_view value) {
  constexpr uint64_t kHigh = 0x8080808080808080u;
  const auto is_plain = [](uint64_t word) { return (word & kHigh) == 0 && !MayBeSpecial(word); };
  uint64_t word = 0x2020202020202020u;
  if (value.empty()) return true;
  if (value.size() < 8) {
    std::memcpy(&word, value.data(), value.size());
    return is_plain(word);
  }
  for (size_t i = 0; i + 8 < value.size(); i += 8) {
    std::memcpy(&word, value.data() + i, 8);
    if (!is_plain(word)) return false;
  }
  std::memcpy(&word, value.data() + value.size() - 8, 8);  // the last eight, some of them once more
  return is_plain(word);
}

const std::vector<std::optional<std::string_view>>& CopyTextRow::Parse(std::string_view line) {
  constexpr size_t kLarge = 1 << 20;
  values_.clear();
  unescaped_.clear();
  if (unescaped_.capacity() > kLarge && line.size() < kLarge) std::string().swap(unescaped_);
  if (line.ends_with('\n')) line.remove_suffix(1);
  const bool plain = line.find('\\') == std::string_view::npos;
  while (true) {
    const size_t end = line.find('\t');
    const std::string_view field = line.substr(0, end);
    if (plain || field.find('\\') == std::string_view::npos) {
      values_.emplace_back(field);
    } else if (field == "\\N") {
      values_.emplace_back();
    } else if (field.starts_with("\\\\") && field.find('\\', 2) == std::string_view::npos) {
      values_.emplace_back(field.substr(1));  // bytes, as \x and digits: the longest there are
    } else {
      if (unescaped_.empty()) unescaped_.reserve(line.size());  // so that views into it stay
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
