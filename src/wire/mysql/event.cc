#include "wire/mysql/event.h"

#include <libdeflate.h>

#include "base/bytes.h"

namespace godwit::wire::mysql {
namespace {

// Format description events end with the checksum algorithm and room for a checksum, whatever the
// algorithm.
constexpr size_t kFormatTrailerSize = 1 + kChecksumSize;
constexpr size_t kFlagsOffset = 17;

std::string Where(const EventHeader& header) {
  return fmt::format("{} event ending at {}", EventTypeName(header.type), header.next_position);
}

uint32_t LittleEndian32(const char* bytes) {
  return base::ByteReader(std::string_view(bytes, 4)).U32();
}

// The server marks a file that it has open by a flag in its format description event, and leaves
// the flag out of the checksum.
uint32_t Crc32(std::string_view bytes, const EventHeader& header) {
  bool marked =
      header.type == EventType::kFormatDescription && (header.flags & kEventFlagInUse) != 0;
  if (!marked) return libdeflate_crc32(0, bytes.data(), bytes.size());
  char flag = static_cast<char>(bytes[kFlagsOffset] & ~kEventFlagInUse);
  uint32_t crc = libdeflate_crc32(0, bytes.data(), kFlagsOffset);
  crc = libdeflate_crc32(crc, &flag, 1);
  return libdeflate_crc32(crc, bytes.data() + kFlagsOffset + 1, bytes.size() - kFlagsOffset - 1);
}

}  // namespace

base::StatusOr<EventHeader> DecodeEventHeader(std::string_view bytes) {
  base::ByteReader reader(bytes);
  EventHeader header;
  header.timestamp = reader.U32();
  header.type = static_cast<EventType>(reader.U8());
  header.server_id = reader.U32();
  header.event_size = reader.U32();
  header.next_position = reader.U32();
  header.flags = reader.U16();
  if (reader.failed()) {
    return base::DataLoss("binlog event header cut off: {} of {} bytes", bytes.size(),
                          kEventHeaderSize);
  }
  if (header.event_size < kEventHeaderSize) {
    return base::DataLoss("{}: impossible size {}", Where(header), header.event_size);
  }
  return header;
}

base::StatusOr<Event> EventFramer::Frame(std::string_view bytes) {
  GODWIT_ASSIGN_OR_RETURN(EventHeader header, DecodeEventHeader(bytes));
  if (header.event_size != bytes.size()) {
    return base::DataLoss("{}: size {} in the header, {} bytes received", Where(header),
                          header.event_size, bytes.size());
  }
  Checksum checksum = checksum_;
  bool is_format = header.type == EventType::kFormatDescription;
  if (is_format) {
    if (bytes.size() < kEventHeaderSize + kFormatTrailerSize) {
      return base::DataLoss("{}: too short", Where(header));
    }
    checksum = static_cast<Checksum>(bytes[bytes.size() - kFormatTrailerSize]);
    if (checksum != Checksum::kNone && checksum != Checksum::kCrc32) {
      return base::FailedPrecondition("{}: checksum algorithm {} is not known", Where(header),
                                      static_cast<int>(checksum));
    }
  }
  size_t end = bytes.size();
  if (checksum == Checksum::kCrc32 || is_format) {
    if (end < kEventHeaderSize + kChecksumSize)
      return base::DataLoss("{}: no room for a checksum", Where(header));
    end -= kChecksumSize;
  }
  if (checksum == Checksum::kCrc32) {
    uint32_t expected = LittleEndian32(bytes.data() + end);
    uint32_t actual = Crc32(bytes.substr(0, end), header);
    if (actual != expected) {
      return base::DataLoss("{}: checksum {:08x} expected, {:08x} found", Where(header), expected,
                            actual);
    }
  }
  checksum_ = checksum;
  return Event{header, bytes.substr(kEventHeaderSize, end - kEventHeaderSize)};
}

base::StatusOr<FormatDescription> DecodeFormatDescription(std::string_view body) {
  constexpr size_t kVersionSize = 50;
  base::ByteReader reader(body);
  FormatDescription format;
  format.binlog_version = reader.U16();
  std::string_view version = reader.Bytes(kVersionSize);
  format.server_version = version.substr(0, version.find('\0'));
  format.created = reader.U32();
  uint8_t header_size = reader.U8();
  if (reader.failed() || reader.remaining() < 1)
    return base::DataLoss("Format_desc event: too short");
  if (format.binlog_version != 4 || header_size != kEventHeaderSize) {
    return base::FailedPrecondition(
        "binlog version {} with {} byte headers cannot be read; version 4 can",
        format.binlog_version, header_size);
  }
  format.post_header_lengths = reader.Bytes(reader.remaining() - 1);
  uint8_t algorithm = reader.U8();
  if (algorithm > static_cast<uint8_t>(Checksum::kCrc32)) {
    return base::FailedPrecondition("binlog checksum algorithm {} is not known", algorithm);
  }
  format.checksum = static_cast<Checksum>(algorithm);
  return format;
}

}  // namespace godwit::wire::mysql
