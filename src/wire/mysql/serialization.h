#pragma once

#include <bit>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "wire/mysql/digits.h"

// MySQL's serialization format, of tagged GTIDs and Gtid_tagged_log events
// (https://dev.mysql.com/doc/dev/mysql-server/latest/PageLibsMysqlSerialization.html).
namespace godwit::wire::mysql {

// A variable-length integer of 1 to 9 bytes, little-endian: as many low bits of the first byte are
// set as bytes follow it, a zero bit ends them (none where 8 bytes follow), the rest is the number.
// A malformed one fails the reader.
inline uint64_t ReadVarlen(base::ByteReader& reader) {
  const uint8_t first = reader.U8();
  const auto follow = static_cast<size_t>(std::countr_one(first));
  const std::string_view bytes = reader.Bytes(follow);
  if (bytes.size() != follow) return 0;
  const uint64_t high = LoadLittle(bytes.data(), follow);
  if (follow >= 7) return high;  // the first byte has no bit left
  return static_cast<uint64_t>(first >> (follow + 1)) | high << (7 - follow);
}

// A signed one: the lowest bit says that the number is negative, the others are it, or, for a
// negative one, its complement.
inline int64_t ReadSignedVarlen(base::ByteReader& reader) {
  const uint64_t value = ReadVarlen(reader);
  const auto magnitude = static_cast<int64_t>(value >> 1);
  return (value & 1) != 0 ? ~magnitude : magnitude;
}

// A size under 128, in one byte.
inline void AppendSmallVarlen(std::string& out, size_t value) {
  out += static_cast<char>(value << 1);
}

}  // namespace godwit::wire::mysql
