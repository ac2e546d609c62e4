#include "wire/postgres/input_text.h"

#include <array>
#include <cstring>

#include "base/text.h"

namespace godwit::wire::postgres {
namespace {

constexpr std::array<char, 512> kHex = [] {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 512> table{};
  for (size_t i = 0; i < 256; ++i) {
    table[2 * i] = kDigits[i / 16];
    table[2 * i + 1] = kDigits[i % 16];
  }
  return table;
}();

}  // namespace

void ReplaceZeros(std::string& text) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  if (text.find('\0') == std::string::npos) return;
  std::string replaced;
  replaced.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    if (c == '\0')
      replaced += kReplacement;
    else
      replaced += c;
  }
  text = std::move(replaced);
}

void AppendBytea(std::string& out, std::string_view bytes) {
  base::ReserveForLarge(out, ByteaSize(bytes));
  const size_t begin = out.size();
  out.resize(begin + ByteaSize(bytes));
  WriteBytea(out.data() + begin, bytes);
}

void WriteBytea(char* to, std::string_view bytes) {
  *to++ = '\\';
  *to++ = 'x';
  for (const char byte : bytes) {
    std::memcpy(to, &kHex[2 * static_cast<size_t>(static_cast<uint8_t>(byte))], 2);
    to += 2;
  }
}

void AppendBits(std::string& out, uint64_t value, unsigned bits) {
  for (unsigned i = bits; i > 0; --i) out.push_back((value >> (i - 1) & 1) != 0 ? '1' : '0');
}

}  // namespace godwit::wire::postgres
