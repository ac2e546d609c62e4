#include "wire/mysql/decimal.h"

#include <array>

#include "wire/mysql/digits.h"

namespace godwit::wire::mysql {
namespace {

constexpr int kGroupDigits = 9;
constexpr size_t kGroupBytes = 4;
constexpr std::array<size_t, 10> kBytesOfDigits = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};

size_t BytesOf(int digits) {
  return static_cast<size_t>(digits / kGroupDigits) * kGroupBytes +
         kBytesOfDigits[static_cast<size_t>(digits % kGroupDigits)];
}

// Takes groups from the row's bytes; a negative number has all its bits inverted, and the first bit
// is inverted always.
class Groups {
 public:
  Groups(const char* in, bool negative) : in_(in), flip_(negative ? 0xffffffff : 0) {}

  // The next group, of `digits` digits. False when it holds more than these.
  bool Take(int digits, uint32_t& value) {
    size_t size = kBytesOfDigits[static_cast<size_t>(digits)];
    auto bits = static_cast<uint32_t>(LoadBig(in_, size));
    bits ^= flip_;
    if (first_) bits ^= 1u << (8 * size - 1);
    if (size < kGroupBytes) bits &= (1u << 8 * size) - 1;
    first_ = false;
    in_ += size;
    value = bits;
    return value < kPowersOfTen[static_cast<size_t>(digits)];
  }

 private:
  const char* in_;
  uint32_t flip_;
  bool first_ = true;
};

}  // namespace

size_t DecimalSize(int precision, int scale) { return BytesOf(precision - scale) + BytesOf(scale); }

size_t FormatDecimal(const char* in, int precision, int scale, char* out) {
  bool negative = (static_cast<uint8_t>(in[0]) & 0x80) == 0;
  Groups groups(in, negative);
  char* at = out;
  if (negative) *at++ = '-';

  const char* integer = at;
  int before = precision - scale;
  for (int left = before; left > 0;) {
    int digits = left % kGroupDigits != 0 ? left % kGroupDigits : kGroupDigits;
    uint32_t value;
    if (!groups.Take(digits, value)) return 0;
    left -= digits;
    if (at != integer) {
      at = WriteFixed(at, value, digits);
    } else if (value != 0) {
      at = WriteNumber(at, value);
    }
  }
  if (at == integer) *at++ = '0';

  if (scale > 0) *at++ = '.';
  for (int left = scale; left > 0;) {
    int digits = left < kGroupDigits ? left : kGroupDigits;
    uint32_t value;
    if (!groups.Take(digits, value)) return 0;
    left -= digits;
    at = WriteFixed(at, value, digits);
  }
  return static_cast<size_t>(at - out);
}

}  // namespace godwit::wire::mysql
