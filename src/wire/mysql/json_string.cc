#include "wire/mysql/json_string.h"

#include <charconv>
#include <cstdint>

namespace godwit::wire::mysql {
namespace {

void AppendUtf8(uint32_t code, std::string& out) {
  const auto tail = [&out, code](int shift) {
    out += static_cast<char>(0x80 | (code >> shift & 0x3f));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

bool TakeHex4(std::string_view& text, uint32_t& code) {
  const std::string_view digits = text.substr(0, 4);
  auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (error != std::errc() || stop != digits.data() + 4) return false;
  text.remove_prefix(4);
  return true;
}

bool TakeUnicode(std::string_view& text, std::string& out) {
  uint32_t code = 0;
  if (!TakeHex4(text, code)) return false;
  if (code >= 0xd800 && code < 0xdc00) {  // the first of a pair
    uint32_t low = 0;
    if (!text.starts_with("\\u")) return false;
    text.remove_prefix(2);
    if (!TakeHex4(text, low) || low < 0xdc00 || low > 0xdfff) return false;
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  AppendUtf8(code, out);
  return true;
}

}  // namespace

bool TakeJsonString(std::string_view& text, std::string& out) {
  constexpr std::string_view kEscapes = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"') return true;
    if (c != '\\') {
      out += c;
      continue;
    }
    if (text.empty()) return false;
    const char escape = text.front();
    text.remove_prefix(1);
    if (escape == 'u') {
      if (!TakeUnicode(text, out)) return false;
      continue;
    }
    const size_t which = kEscapes.find(escape);
    if (which == kEscapes.npos) return false;
    out += kMeanings[which];
  }
  return false;
}

void AppendJsonString(std::string_view text, std::string& out) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  out += '"';
  size_t plain = 0;  // where what needs no escape begins
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<uint8_t>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(plain, i - plain));
    plain = i + 1;
    out += '\\';
    switch (c) {
      case '"':
      case '\\':
        out += static_cast<char>(c);
        break;
      case '\b':
        out += 'b';
        break;
      case '\f':
        out += 'f';
        break;
      case '\n':
        out += 'n';
        break;
      case '\r':
        out += 'r';
        break;
      case '\t':
        out += 't';
        break;
      default:
        out.append("u00") += kHexDigits[c >> 4];
        out += kHexDigits[c & 15];
    }
  }
  out.append(text.substr(plain)) += '"';
}

}  // namespace godwit::wire::mysql
