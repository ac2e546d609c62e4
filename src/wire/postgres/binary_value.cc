#include "wire/postgres/binary_value.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstring>
#include <optional>

#include "base/text.h"

namespace godwit::wire::postgres {
namespace {

constexpr int64_t kSecond = 1'000'000, kDay = 86'400 * kSecond;  // in microseconds

// Gives the end of what was written.
template <std::integral T>
char* StoreBig(char* to, T value) {
  static_assert(std::endian::native == std::endian::little);
  if constexpr (sizeof(T) == 2)
    value = static_cast<T>(__builtin_bswap16(static_cast<uint16_t>(value)));
  if constexpr (sizeof(T) == 4)
    value = static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(value)));
  if constexpr (sizeof(T) == 8)
    value = static_cast<T>(__builtin_bswap64(static_cast<uint64_t>(value)));
  std::memcpy(to, &value, sizeof(T));
  return to + sizeof(T);
}

// A field of a fixed size.
template <std::integral T>
bool AppendNumber(std::string& out, T value) {
  std::array<char, sizeof(uint32_t) + sizeof(T)> field;
  StoreBig(StoreBig(field.data(), static_cast<uint32_t>(sizeof(T))), value);
  out.append(field.data(), field.size());
  return true;
}

template <std::integral T>
bool AppendInteger(std::string& out, std::string_view text) {
  const std::optional<T> value = base::ParseInteger<T>(text);
  return value && AppendNumber(out, *value);
}

template <std::floating_point T, std::integral Bits>
bool AppendFloat(std::string& out, std::string_view text) {
  T value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end || !std::isfinite(value)) return false;
  // What is too near to zero for the type is an error.
  if (value == 0 && text.find_first_of("123456789") != std::string_view::npos) return false;
  return AppendNumber(out, std::bit_cast<Bits>(value));
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// In base 10000, from the point in both directions; zeros at either end are left out.
bool AppendNumeric(std::string& out, const BinaryType& type, std::string_view text) {
  constexpr size_t kGroup = 4, kMostDigits = 1000;  // more may be too many
  constexpr uint16_t kNegative = 0x4000;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  std::string_view whole = text.substr(0, point),
                   rest = text.substr(std::min(point + 1, text.size()));
  if (whole.empty() || (rest.empty() && point < text.size())) return false;
  if (!std::ranges::all_of(whole, IsDigit) || !std::ranges::all_of(rest, IsDigit)) return false;
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  if (whole.size() > type.most || rest.size() > type.decimals) return false;
  if (whole.size() + rest.size() > kMostDigits) return false;

  std::array<char, 2 * ((kMostDigits / kGroup) + 2)> groups;
  char* end = groups.data();
  int weight = static_cast<int>((whole.size() + kGroup - 1) / kGroup) - 1;
  const auto put = [&](std::string_view digits, size_t zeros) {
    uint16_t group = 0;
    for (const char c : digits) group = static_cast<uint16_t>(group * 10 + (c - '0'));
    for (; zeros > 0; --zeros) group = static_cast<uint16_t>(group * 10);
    if (group == 0 && end == groups.data())
      --weight;
    else
      end = StoreBig(end, group);
  };
  const size_t first = whole.size() % kGroup;
  if (first > 0) put(whole.substr(0, first), 0);
  for (size_t at = first; at < whole.size(); at += kGroup) put(whole.substr(at, kGroup), 0);
  for (size_t at = 0; at < rest.size(); at += kGroup) {
    const std::string_view digits = rest.substr(at, kGroup);
    put(digits, kGroup - digits.size());
  }
  while (end != groups.data() && end[-1] == 0 && end[-2] == 0) end -= 2;
  const bool zero = end == groups.data();
  const auto size = static_cast<uint32_t>(end - groups.data());

  std::array<char, 12> head;
  char* at = StoreBig(head.data(), size + 8);
  at = StoreBig(at, static_cast<uint16_t>(size / 2));
  at = StoreBig(at, static_cast<uint16_t>(zero ? 0 : weight));
  at = StoreBig(at, static_cast<uint16_t>(negative && !zero ? kNegative : 0));
  StoreBig(at, static_cast<uint16_t>(rest.size()));
  out.append(head.data(), head.size()).append(groups.data(), size);
  return true;
}

// Whether text in UTF-8 has at most as many characters.
bool HasAtMost(std::string_view text, uint32_t most) {
  if (text.size() <= most) return true;
  return std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }) <= most;
}

bool AppendBytes(std::string& out, std::string_view bytes) {
  std::array<char, sizeof(uint32_t)> length;
  StoreBig(length.data(), static_cast<uint32_t>(bytes.size()));
  out.append(length.data(), length.size()).append(bytes);
  return true;
}

bool AppendJsonb(std::string& out, std::string_view text) {
  constexpr char kVersion = 1;
  std::array<char, sizeof(uint32_t) + 1> head;
  *StoreBig(head.data(), static_cast<uint32_t>(text.size() + 1)) = kVersion;
  out.append(head.data(), head.size()).append(text);
  return true;
}

// Of each character, as a digit of base 16; above 15: it is none.
constexpr std::array<uint8_t, 256> kHexDigits = [] {
  std::array<uint8_t, 256> table{};
  table.fill(16);
  for (uint8_t i = 0; i < 10; ++i) table[static_cast<size_t>('0' + i)] = i;
  for (uint8_t i = 0; i < 6; ++i)
    table[static_cast<size_t>('a' + i)] = table[static_cast<size_t>('A' + i)] =
        static_cast<uint8_t>(10 + i);
  return table;
}();

// Two digits for each byte; false: there is anything else.
bool ReadHex(std::string_view digits, char* bytes) {
  unsigned seen = 0;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    const unsigned high = kHexDigits[static_cast<uint8_t>(digits[i])];
    const unsigned low = kHexDigits[static_cast<uint8_t>(digits[i + 1])];
    seen |= high | low;
    *bytes++ = static_cast<char>(high << 4 | low);
  }
  return seen < 16;
}

bool AppendBytea(std::string& out, std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return false;
  text.remove_prefix(2);
  const size_t size = text.size() / 2, begin = out.size() + sizeof(uint32_t);
  base::ReserveForLarge(out, size);
  out.resize(begin + size);
  StoreBig(out.data() + begin - sizeof(uint32_t), static_cast<uint32_t>(size));
  return ReadHex(text, out.data() + begin);
}

// How many there are, then they, the first in the highest bit.
bool AppendBits(std::string& out, uint32_t most, std::string_view text) {
  if (text.size() > most) return false;
  const size_t size = (text.size() + 7) / 8;
  std::string bytes(sizeof(uint32_t) + size, '\0');
  StoreBig(bytes.data(), static_cast<uint32_t>(text.size()));
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '0' && text[i] != '1') return false;
    if (text[i] == '1') bytes[sizeof(uint32_t) + i / 8] |= static_cast<char>(0x80 >> (i % 8));
  }
  return AppendBytes(out, bytes);
}

bool AppendUuid(std::string& out, std::string_view text) {
  constexpr std::array<size_t, 5> kGroups = {8, 4, 4, 4, 12};
  std::array<char, 16> bytes;
  if (text.size() != 36) return false;
  char* at = bytes.data();
  for (const size_t group : kGroups) {
    if (!ReadHex(text.substr(0, group), at)) return false;
    at += group / 2;
    text.remove_prefix(group);
    if (text.empty()) break;
    if (!text.starts_with('-')) return false;
    text.remove_prefix(1);
  }
  return AppendBytes(out, {bytes.data(), bytes.size()});
}

// Takes a number of that many digits off the front, and `after` behind it, if it is none.
bool TakeDigits(std::string_view& text, size_t count, char after, unsigned& number) {
  if (text.size() < count) return false;
  number = 0;
  for (const char c : text.substr(0, count)) {
    if (!IsDigit(c)) return false;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  text.remove_prefix(count);
  if (after == 0) return true;
  if (!text.starts_with(after)) return false;
  text.remove_prefix(1);
  return true;
}

// "2024-02-29", in days since 2000 began.
bool TakeDay(std::string_view& text, int& days) {
  using namespace std::chrono;
  constexpr sys_days kEpoch = year(2000) / January / 1;
  unsigned y = 0, m = 0, d = 0;
  if (!TakeDigits(text, 4, '-', y) || !TakeDigits(text, 2, '-', m) || !TakeDigits(text, 2, 0, d))
    return false;
  const year_month_day date(year(static_cast<int>(y)), month(m), day(d));
  if (y == 0 || !date.ok()) return false;
  days = (sys_days(date) - kEpoch).count();
  return true;
}

// "23:59:59.25", in microseconds.
bool TakeClock(std::string_view& text, int64_t& clock) {
  constexpr size_t kMostDecimals = 6;
  unsigned h = 0, m = 0, s = 0;
  if (!TakeDigits(text, 2, ':', h) || !TakeDigits(text, 2, ':', m) || !TakeDigits(text, 2, 0, s))
    return false;
  if (m > 59 || s > 59) return false;
  clock = (int64_t{h} * 3600 + m * 60 + s) * kSecond;
  if (!text.starts_with('.')) return true;
  text.remove_prefix(1);
  int64_t unit = kSecond;
  size_t decimals = 0;
  for (; !text.empty() && IsDigit(text.front()); text.remove_prefix(1), ++decimals) {
    unit /= 10;
    clock += (text.front() - '0') * unit;
  }
  return decimals >= 1 && decimals <= kMostDecimals;
}

// A day, and maybe a time of it, which is UTC's whether it says so or not.
bool ReadTimestamp(std::string_view text, int& days, int64_t& clock) {
  clock = 0;
  if (!TakeDay(text, days)) return false;
  if (text.empty()) return true;
  if (!text.starts_with(' ')) return false;
  text.remove_prefix(1);
  return TakeClock(text, clock) && clock < kDay && (text.empty() || text == "+00");
}

bool AppendDate(std::string& out, std::string_view text) {
  int days = 0;
  int64_t clock = 0;
  return ReadTimestamp(text, days, clock) && AppendNumber(out, int32_t{days});
}

bool AppendTimestamp(std::string& out, std::string_view text) {
  int days = 0;
  int64_t clock = 0;
  return ReadTimestamp(text, days, clock) && AppendNumber(out, days * kDay + clock);
}

bool AppendTime(std::string& out, std::string_view text) {
  int64_t clock = 0;
  return TakeClock(text, clock) && text.empty() && clock <= kDay && AppendNumber(out, clock);
}

}  // namespace

bool AppendBinaryField(std::string& out, const BinaryType& type, std::string_view text) {
  switch (type.form) {
    case BinaryForm::kBool:
      return (text == "0" || text == "1") &&
             AppendBytes(out, text == "1" ? "\1" : std::string_view("\0", 1));
    case BinaryForm::kInt2:
      return AppendInteger<int16_t>(out, text);
    case BinaryForm::kInt4:
      return AppendInteger<int32_t>(out, text);
    case BinaryForm::kInt8:
      return AppendInteger<int64_t>(out, text);
    case BinaryForm::kFloat4:
      return AppendFloat<float, uint32_t>(out, text);
    case BinaryForm::kFloat8:
      return AppendFloat<double, uint64_t>(out, text);
    case BinaryForm::kNumeric:
      return AppendNumeric(out, type, text);
    case BinaryForm::kText:
      return HasAtMost(text, type.most) && AppendBytes(out, text);
    case BinaryForm::kJsonb:
      return AppendJsonb(out, text);
    case BinaryForm::kBytea:
      return AppendBytea(out, text);
    case BinaryForm::kBits:
      return AppendBits(out, type.most, text);
    case BinaryForm::kUuid:
      return AppendUuid(out, text);
    case BinaryForm::kDate:
      return AppendDate(out, text);
    case BinaryForm::kTime:
      return AppendTime(out, text);
    case BinaryForm::kTimestamp:
      return AppendTimestamp(out, text);
  }
  return false;
}

void AppendBinaryNull(std::string& out) { out.append("\377\377\377\377"); }

void AppendBinaryRowHead(std::string& out, size_t fields) {
  std::array<char, sizeof(uint16_t)> head;
  StoreBig(head.data(), static_cast<uint16_t>(fields));
  out.append(head.data(), head.size());
}

}  // namespace godwit::wire::postgres
