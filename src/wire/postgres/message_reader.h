#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "wire/postgres/lsn.h"
#include "wire/postgres/replication_message.h"

namespace godwit::wire::postgres {

// Reads a message's fields front to back; its integers are big-endian. Behind the end, as behind a
// field that cannot be, all else reads as zeros and empty views, and Finish says what was wrong.
class MessageReader {
 public:
  explicit MessageReader(std::string_view message) : bytes_(message), size_(message.size()) {}

  size_t remaining() const { return bytes_.remaining(); }

  uint8_t U8() { return bytes_.U8(); }
  char Char() { return static_cast<char>(bytes_.U8()); }
  uint16_t U16() { return __builtin_bswap16(bytes_.U16()); }
  uint32_t U32() { return __builtin_bswap32(bytes_.U32()); }
  uint64_t U64() { return __builtin_bswap64(bytes_.U64()); }
  std::string_view Bytes(size_t size) { return bytes_.Bytes(size); }
  std::string_view Rest() { return bytes_.Bytes(bytes_.remaining()); }
  // Up to a zero byte, which is skipped.
  std::string_view String() {
    const size_t size = bytes_.rest().find('\0');
    if (size == std::string_view::npos) {
      Fail();
      return {};
    }
    const std::string_view text = bytes_.Bytes(size);
    bytes_.Skip(1);
    return text;
  }

  int64_t UnixTime() { return UnixMicroseconds(static_cast<int64_t>(U64())); }
  // Refused when it is zero, which stands for none.
  Lsn Place() {
    const Lsn lsn = U64();
    if (lsn == 0) Refuse("no place in the log", sizeof(lsn));
    return lsn;
  }
  uint32_t Xid() {
    const uint32_t xid = U32();
    if (xid == 0) Refuse("no transaction id", sizeof(xid));
    return xid;
  }
  // A byte of flags; others than `known` may change what the message means.
  uint8_t Flags(uint8_t known) {
    const uint8_t flags = U8();
    if ((flags & ~known) != 0) Refuse("unknown flags", sizeof(flags));
    return flags;
  }

  // The field just read, of `width` bytes, is not what it must be.
  void Refuse(const char* problem, size_t width) {
    if (bytes_.failed()) return;
    problem_ = problem;
    problem_at_ = size_ - bytes_.remaining() - width;
    Fail();
  }

  // Whether all was as it must be, and nothing is left. `message` is what errors call it.
  base::Status Finish(std::string_view message) const {
    if (problem_ != nullptr)
      return base::DataLoss("{} message: {} at byte {} of {}", message, problem_, problem_at_,
                            size_);
    if (bytes_.failed()) return base::DataLoss("{} message: cut off at byte {}", message, size_);
    if (bytes_.remaining() > 0)
      return base::DataLoss("{} message: {} bytes too many at byte {}", message, bytes_.remaining(),
                            size_ - bytes_.remaining());
    return base::OkStatus();
  }

 private:
  void Fail() {
    bytes_ = base::ByteReader({});
    bytes_.Skip(1);
  }

  base::ByteReader bytes_;
  const size_t size_;
  const char* problem_ = nullptr;
  size_t problem_at_ = 0;
};

}  // namespace godwit::wire::postgres
