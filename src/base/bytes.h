#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace godwit::base {

// Reads little-endian integers and byte strings from a borrowed buffer, front to back. Reading past
// the end sets `failed()` and yields zeros and empty views from then on, so that a decoder checks
// once per structure, not once per field. Not thread-safe; the views live as long as the buffer.
class ByteReader {
 public:
  explicit ByteReader(std::string_view data) : pos_(data.data()), end_(data.data() + data.size()) {}

  bool failed() const { return failed_; }
  size_t remaining() const { return static_cast<size_t>(end_ - pos_); }
  const char* position() const { return pos_; }
  std::string_view rest() const { return {pos_, remaining()}; }

  uint8_t U8() { return static_cast<uint8_t>(Little<1>()); }
  uint16_t U16() { return static_cast<uint16_t>(Little<2>()); }
  uint32_t U24() { return static_cast<uint32_t>(Little<3>()); }
  uint32_t U32() { return static_cast<uint32_t>(Little<4>()); }
  uint64_t U48() { return Little<6>(); }
  uint64_t U64() { return Little<8>(); }

  std::string_view Bytes(size_t size) {
    if (size > remaining()) {
      Fail();
      return {};
    }
    std::string_view view(pos_, size);
    pos_ += size;
    return view;
  }
  void Skip(size_t size) { Bytes(size); }

 private:
  template <size_t N>
  uint64_t Little() {
    static_assert(std::endian::native == std::endian::little);
    if (N > remaining()) {
      Fail();
      return 0;
    }
    uint64_t value = 0;
    std::memcpy(&value, pos_, N);
    pos_ += N;
    return value;
  }
  void Fail() {
    failed_ = true;
    pos_ = end_;
  }

  const char* pos_;
  const char* end_;
  bool failed_ = false;
};

}  // namespace godwit::base
