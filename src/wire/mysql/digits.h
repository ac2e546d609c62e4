#pragma once

#include <array>
#include <cstdint>
#include <cstring>

// Fast writing of digits and reading of big-endian numbers, for the row decoder.
namespace godwit::wire::mysql {

inline constexpr std::array<char, 200> kTwoDigits = [] {
  std::array<char, 200> table{};
  for (size_t i = 0; i < 100; ++i) {
    table[2 * i] = static_cast<char>('0' + i / 10);
    table[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return table;
}();

inline constexpr std::array<uint32_t, 10> kPowersOfTen = {
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

// `value` must be under 100. Gives the end of what was written, as the others do.
inline char* WriteTwo(char* out, uint32_t value) {
  std::memcpy(out, &kTwoDigits[2 * static_cast<size_t>(value)], 2);
  return out + 2;
}

// Exactly `count` digits, zeros in front; `value` must be under 10^count, `count` at most 9.
inline char* WriteFixed(char* out, uint32_t value, int count) {
  char* end = out + count;
  char* at = end;
  for (; count >= 2; count -= 2) {
    at -= 2;
    WriteTwo(at, value % 100);
    value /= 100;
  }
  if (count == 1) *out = static_cast<char>('0' + value);
  return end;
}

// As many digits as the value has.
inline char* WriteNumber(char* out, uint32_t value) {
  int count = 1;
  while (count < 10 && value >= kPowersOfTen[static_cast<size_t>(count)]) ++count;
  if (count == 10) {
    *out++ = static_cast<char>('0' + value / kPowersOfTen[9]);
    value %= kPowersOfTen[9];
    count = 9;
  }
  return WriteFixed(out, value, count);
}

// An unsigned big-endian number of `size` bytes, 8 at most.
inline uint64_t LoadBig(const char* in, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | static_cast<uint8_t>(in[i]);
  return value;
}

// An unsigned little-endian number of `size` bytes, 8 at most.
inline uint64_t LoadLittle(const char* in, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i)
    value |= static_cast<uint64_t>(static_cast<uint8_t>(in[i])) << (8 * i);
  return value;
}

}  // namespace godwit::wire::mysql
