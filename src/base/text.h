#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

// What std::string_view lacks. (Abseil's functions take absl::string_view, which in Debian's build
// is a type of its own.)
namespace godwit::base {

constexpr char ToLowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Of ASCII letters only; other bytes have to be the same.
inline bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ToLowerAscii(x) == ToLowerAscii(y); });
}

// The number that all of `text` writes in decimal digits, after a minus where T is signed; nothing
// when there is anything else or it does not fit.
template <std::integral T>
std::optional<T> ParseInteger(std::string_view text) {
  T number{};
  const char* end = text.data() + text.size();
  auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

// Makes room for a large piece that is to be appended, which growing by doubling would take twice.
inline void ReserveForLarge(std::string& out, size_t more) {
  constexpr size_t kLarge = 1 << 20;
  if (more >= kLarge && out.capacity() - out.size() < more + kLarge) {
    out.reserve(out.size() + more + more / 16 + kLarge);
  }
}

}  // namespace godwit::base
