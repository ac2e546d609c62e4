#include "wire/postgres/lsn.h"

#include <fmt/format.h>

#include <charconv>

namespace godwit::wire::postgres {
namespace {

std::optional<uint32_t> ParseHalf(std::string_view text) {
  constexpr size_t kMostDigits = 8;
  if (text.size() > kMostDigits) return std::nullopt;
  uint32_t half = 0;
  const char* end = text.data() + text.size();
  auto [stopped, error] = std::from_chars(text.data(), end, half, 16);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return half;
}

}  // namespace

std::string LsnText(Lsn lsn) { return fmt::format("{:X}/{:X}", lsn >> 32, lsn & UINT32_MAX); }

std::optional<Lsn> ParseLsn(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto high = ParseHalf(text.substr(0, slash));
  const auto low = ParseHalf(text.substr(slash + 1));
  if (!high || !low) return std::nullopt;
  return static_cast<Lsn>(*high) << 32 | *low;
}

}  // namespace godwit::wire::postgres
