#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"

// The client/server protocol's building blocks, for a reader of packets. Views point into the
// payload. https://mariadb.com/kb/en/protocol-data-types/
namespace godwit::wire::mysql {

inline constexpr size_t kPacketHeaderSize = 4;
inline constexpr uint32_t kMaxPacketPayload = 0xffffff;  // of this size: goes on in the next packet

struct PacketHeader {
  uint32_t length = 0;
  uint8_t sequence = 0;
};
// From the first four of `bytes`, which must be there.
inline PacketHeader DecodePacketHeader(const char* bytes) {
  base::ByteReader reader(std::string_view(bytes, kPacketHeaderSize));
  PacketHeader header;
  header.length = reader.U24();
  header.sequence = reader.U8();
  return header;
}

// A length-encoded integer; nothing for the NULL of text rows (0xfb). A malformed one fails the
// reader. Inline, like the next, as every value of a copy goes through it.
inline std::optional<uint64_t> ReadLengthEncoded(base::ByteReader& reader) {
  const uint8_t first = reader.U8();
  if (first < 0xfb) [[likely]]
    return first;
  switch (first) {
    case 0xfb:
      return std::nullopt;
    case 0xfc:
      return reader.U16();
    case 0xfd:
      return reader.U24();
    case 0xfe:
      return reader.U64();
    default:
      reader.Skip(reader.remaining() + 1);
      return 0;  // fails the reader: no length begins so
  }
}
// A length-encoded string; nothing for NULL.
inline std::optional<std::string_view> ReadLengthEncodedString(base::ByteReader& reader) {
  const std::optional<uint64_t> size = ReadLengthEncoded(reader);
  if (!size) return std::nullopt;
  return reader.Bytes(*size);
}

enum class PacketKind : uint8_t { kOk, kError, kEof, kOther };
// Of a response's first packet, or of a packet where a row or event could stand: 0x00 (OK; also
// what binlog events are sent behind), 0xff (error), 0xfe with a payload under 9 bytes (EOF).
PacketKind KindOf(std::string_view payload);

struct OkPacket {
  uint64_t affected_rows = 0;
  uint64_t last_insert_id = 0;
  uint16_t status = 0;
  uint16_t warnings = 0;
  std::string_view info;
};
// The payload as received, its first byte 0x00 or 0xfe. kDataLoss: malformed.
base::StatusOr<OkPacket> DecodeOk(std::string_view payload);

struct ErrorPacket {
  uint16_t code = 0;
  std::string_view sql_state;  // empty before authentication
  std::string_view message;
};
base::StatusOr<ErrorPacket> DecodeError(std::string_view payload);

struct EofPacket {
  uint16_t warnings = 0;
  uint16_t status = 0;
};
base::StatusOr<EofPacket> DecodeEof(std::string_view payload);

}  // namespace godwit::wire::mysql
