#include "connectors/mysql/load_text.h"

#include <bit>
#include <cstring>

#include "base/text.h"

namespace godwit::connectors::mysql {
namespace {

bool IsSpecial(char c) { return c == '\\' || c == '\t' || c == '\n'; }

// A byte of the result is not zero where the same byte of `word` equals `c`; the first such byte is
// exact, later ones may be false. (Bit Twiddling Hacks, "Determine if a word has a zero byte".)
constexpr uint64_t BytesEqualTo(uint64_t word, char c) {
  const uint64_t ones = 0x0101010101010101ull;
  const uint64_t x = word ^ (ones * static_cast<unsigned char>(c));
  return (x - ones) & ~x & (ones << 7);
}

// The length of the run at `p` that holds nothing to escape.
size_t PlainRun(const char* p, size_t size) {
  size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    uint64_t word;
    std::memcpy(&word, p + i, 8);
    uint64_t special =
        BytesEqualTo(word, '\\') | BytesEqualTo(word, '\t') | BytesEqualTo(word, '\n');
    if (special != 0) return i + static_cast<size_t>(std::countr_zero(special)) / 8;
  }
  while (i < size && !IsSpecial(p[i])) ++i;
  return i;
}

}  // namespace

void AppendEscapedField(std::string& out, std::string_view bytes) {
  base::ReserveForLarge(out, bytes.size());
  while (true) {
    const size_t run = PlainRun(bytes.data(), bytes.size());
    out.append(bytes.data(), run);
    if (run == bytes.size()) return;
    const char c = bytes[run];
    out.push_back('\\');
    out.push_back(c == '\t' ? 't' : c == '\n' ? 'n' : c);
    bytes.remove_prefix(run + 1);
  }
}

bool LoadTextFields::Next(std::string& field, bool& is_null) {
  if (at_end_) return false;
  field.clear();
  is_null = false;
  size_t i = 0;
  for (; i < rest_.size() && rest_[i] != '\t'; ++i) {
    if (rest_[i] != '\\') {
      field.push_back(rest_[i]);
      continue;
    }
    const char c = rest_[++i];  // a backslash is never last
    if (c == 'N' && i == 1 && (rest_.size() == 2 || rest_[2] == '\t')) {
      is_null = true;
    } else {
      field.push_back(c == 't' ? '\t' : c == 'n' ? '\n' : c);
    }
  }
  at_end_ = i >= rest_.size();
  rest_.remove_prefix(at_end_ ? rest_.size() : i + 1);
  return true;
}

bool CutRow(std::string_view& rows, std::string_view& row) {
  const size_t end = rows.find('\n');  // newlines inside fields are escaped
  if (end == std::string_view::npos) return false;
  row = rows.substr(0, end);
  rows.remove_prefix(end + 1);
  return true;
}

}  // namespace godwit::connectors::mysql
