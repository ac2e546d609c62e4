#include "wire/mysql/base64.h"

#include <cstdint>

namespace godwit::wire::mysql {

bool AppendBase64Decoded(std::string_view text, std::string& out) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint32_t bits = 0;
  size_t digits = 0, padding = 0;  // of the group in hand
  for (char c : text) {
    if (c == '\n') continue;
    const size_t digit = kDigits.find(c);
    if (c == '=') {
      ++padding;
    } else if (digit == kDigits.npos || padding > 0) {
      return false;
    }
    bits = bits << 6 | static_cast<uint32_t>(c == '=' ? 0 : digit);
    if (++digits < 4) continue;
    if (padding > 2) return false;
    for (size_t i = 0; i < 3 - padding; ++i) out += static_cast<char>(bits >> (16 - 8 * i) & 0xff);
    bits = 0;
    digits = 0;
  }
  return digits == 0;
}

}  // namespace godwit::wire::mysql
