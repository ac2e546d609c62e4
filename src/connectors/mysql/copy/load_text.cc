#include "connectors/mysql/copy/load_text.h"

#include <algorithm>
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

char Unescaped(char c) { return c == 't' ? '\t' : c == 'n' ? '\n' : c; }

// Whether the last byte is a backslash that escapes what follows, and not one that is escaped.
bool EndsInEscape(std::string_view text) {
  size_t slashes = 0;
  while (slashes < text.size() && text[text.size() - 1 - slashes] == '\\') ++slashes;
  return slashes % 2 == 1;
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

std::vector<std::string_view> RawFields(std::string_view row) {
  std::vector<std::string_view> fields;
  while (true) {
    const size_t tab = row.find('\t');
    fields.push_back(row.substr(0, tab));
    if (tab == std::string_view::npos) return fields;
    row.remove_prefix(tab + 1);
  }
}

void AppendUnescapedField(std::string& out, std::string_view field) {
  while (true) {
    const size_t slash = field.find('\\');
    out.append(field.substr(0, slash));
    if (slash == std::string_view::npos) return;
    out.push_back(Unescaped(field[slash + 1]));  // a backslash is never last
    field.remove_prefix(slash + 2);
  }
}

std::string_view UnescapedPieces::Next() {
  size_t size = std::min(rest_.size(), kPieceBytes);
  const std::string_view plain = rest_.substr(0, size);
  if (plain.find('\\') == std::string_view::npos) {
    rest_.remove_prefix(size);
    return plain;
  }
  if (size < rest_.size() && EndsInEscape(plain)) --size;  // which is not to be cut in two
  piece_.clear();
  AppendUnescapedField(piece_, rest_.substr(0, size));
  rest_.remove_prefix(size);
  return piece_;
}

bool LoadTextFields::Next(std::string& field, bool& is_null) {
  if (at_end_) return false;
  const size_t tab = rest_.find('\t');
  const std::string_view raw = rest_.substr(0, tab);
  field.clear();
  is_null = raw == kNullField;
  if (!is_null) AppendUnescapedField(field, raw);
  at_end_ = tab == std::string_view::npos;
  rest_.remove_prefix(at_end_ ? rest_.size() : tab + 1);
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
