#include "wire/mysql/address.h"

#include "wire/mysql/digits.h"

namespace godwit::wire::mysql {
namespace {

constexpr char kHex[] = "0123456789abcdef";

char* WriteHexWord(char* out, uint32_t word) {
  bool begun = false;
  for (int shift = 12; shift >= 0; shift -= 4) {
    uint32_t digit = word >> shift & 15;
    begun = begun || digit != 0 || shift == 0;
    if (begun) *out++ = kHex[digit];
  }
  return out;
}

struct Run {
  size_t begin = 0, length = 0;
};

// The first of the longest runs of zero words: what "::" stands for. The server shortens a run of
// one, too.
Run LongestZeroRun(const uint32_t (&words)[8]) {
  Run longest, run;
  for (size_t i = 0; i < 8; ++i) {
    run = words[i] != 0 ? Run{i + 1, 0} : Run{run.begin, run.length + 1};
    if (run.length > longest.length) longest = run;
  }
  return longest;
}

}  // namespace

size_t FormatUuid(const char* in, char* out) {
  char* at = out;
  for (size_t i = 0; i < kUuidSize; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
    auto byte = static_cast<uint8_t>(in[i]);
    *at++ = kHex[byte >> 4];
    *at++ = kHex[byte & 15];
  }
  return static_cast<size_t>(at - out);
}

size_t FormatInet4(const char* in, char* out) {
  char* at = out;
  for (size_t i = 0; i < kInet4Size; ++i) {
    if (i > 0) *at++ = '.';
    at = WriteNumber(at, static_cast<uint8_t>(in[i]));
  }
  return static_cast<size_t>(at - out);
}

size_t FormatInet6(const char* in, char* out) {
  uint32_t words[8];
  for (size_t i = 0; i < 8; ++i) words[i] = static_cast<uint32_t>(LoadBig(in + 2 * i, 2));
  Run gap = LongestZeroRun(words);
  bool ipv4_compatible = gap.begin == 0 && gap.length == 6;
  bool ipv4_mapped = gap.begin == 0 && gap.length == 5 && words[5] == 0xffff;
  char* at = out;
  for (size_t i = 0; i < 8;) {
    if (gap.length > 0 && i == gap.begin) {
      if (i == 0) *at++ = ':';
      *at++ = ':';
      i += gap.length;
    } else if (i == 6 && (ipv4_compatible || ipv4_mapped)) {
      return static_cast<size_t>(at - out) + FormatInet4(in + 12, at);
    } else {
      at = WriteHexWord(at, words[i]);
      if (++i < 8) *at++ = ':';
    }
  }
  return static_cast<size_t>(at - out);
}

}  // namespace godwit::wire::mysql
