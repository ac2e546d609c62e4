#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace godwit::wire::postgres {

// Builds a message by hand, field by field.
class MessageBytes {
 public:
  explicit MessageBytes(char kind) { bytes_ += kind; }

  MessageBytes& U8(uint8_t value) { return Big(value, 1); }
  MessageBytes& Char(char value) { return U8(static_cast<uint8_t>(value)); }
  MessageBytes& U16(uint16_t value) { return Big(value, 2); }
  MessageBytes& U32(uint32_t value) { return Big(value, 4); }
  MessageBytes& U64(uint64_t value) { return Big(value, 8); }
  MessageBytes& Bytes(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  MessageBytes& String(std::string_view text) { return Bytes(text).U8(0); }
  // A value of a row, as text unless `kind` says otherwise.
  MessageBytes& Value(std::string_view value, char kind = 't') {
    return Char(kind).U32(static_cast<uint32_t>(value.size())).Bytes(value);
  }

  // NOLINTNEXTLINE(google-explicit-constructor)
  operator std::string() const { return bytes_; }

 private:
  MessageBytes& Big(uint64_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
      bytes_ += static_cast<char>(value >> shift);
    return *this;
  }

  std::string bytes_;
};

// `decode` takes all of `bytes`, refuses each of their proper prefixes that are shorter than
// `least` (by default, than all), and whatever is one byte longer unless `open` (its last field has
// no end). Each is tried in memory of just its size, so that the sanitizers see a read past its
// end.
template <typename Decode>
void ExpectWholeOnly(std::string_view bytes, Decode decode, size_t least = SIZE_MAX,
                     bool open = false) {
  const auto decode_copy = [&](std::string_view part) {
    const auto copy = std::make_unique<char[]>(part.size());
    std::memcpy(copy.get(), part.data(), part.size());
    return base::Status(decode(std::string_view(copy.get(), part.size())));
  };
  EXPECT_TRUE(decode_copy(bytes).ok()) << decode_copy(bytes);
  for (size_t size = 0; size < std::min(bytes.size(), least); ++size) {
    EXPECT_EQ(decode_copy(bytes.substr(0, size)).code(), base::StatusCode::kDataLoss)
        << "the first " << size << " bytes of " << bytes.size();
  }
  if (open) return;
  EXPECT_EQ(decode_copy(std::string(bytes) + '\0').code(), base::StatusCode::kDataLoss);
}

}  // namespace godwit::wire::postgres
