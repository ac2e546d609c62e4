#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "wire/mysql/event_type.h"

namespace godwit::wire::mysql {

// Bits of EventHeader::flags.
inline constexpr uint16_t kEventFlagInUse = 0x0001;           // of a file not closed in order
inline constexpr uint16_t kEventFlagThreadSpecific = 0x0004;  // the query uses temporary tables
inline constexpr uint16_t kEventFlagSuppressUse = 0x0008;     // the query needs no default schema
inline constexpr uint16_t kEventFlagArtificial = 0x0020;  // made up by the sender, not in any file
inline constexpr uint16_t kEventFlagRelayLog = 0x0040;
inline constexpr uint16_t kEventFlagIgnorable = 0x0080;        // may be passed over when unknown
inline constexpr uint16_t kEventFlagSkipReplication = 0x8000;  // MariaDB: @@skip_replication

inline constexpr size_t kEventHeaderSize = 19;
inline constexpr size_t kChecksumSize = 4;

// How the events of a log end: BINLOG_CHECKSUM_ALG_*.
enum class Checksum : uint8_t { kNone = 0, kCrc32 = 1 };

// https://mariadb.com/kb/en/2-binlog-event-header/
struct EventHeader {
  uint32_t timestamp = 0;  // of the statement's start, Unix seconds; 0 in made-up events
  EventType type = EventType::kUnknown;
  uint32_t server_id = 0;
  uint32_t event_size = 0;     // header, body and checksum
  uint32_t next_position = 0;  // offset in the file after it, modulo 2^32; 0 in made-up events
  uint16_t flags = 0;

  bool artificial() const { return (flags & kEventFlagArtificial) != 0; }
  // What to do with the event: by its type, and passed over where its sender says that it may be.
  EventRole role() const {
    EventRole role = RoleOf(type);
    bool may_ignore = role == EventRole::kUnsupported && (flags & kEventFlagIgnorable) != 0;
    return may_ignore ? EventRole::kPassOver : role;
  }
};

// One event without its checksum. The body is a view into the bytes that it was read from.
struct Event {
  EventHeader header;
  std::string_view body;
};

// The header alone, from the first 19 bytes at least. kDataLoss: too short, or a size under 19.
base::StatusOr<EventHeader> DecodeEventHeader(std::string_view bytes);

// The payload of a format description event
// (https://mariadb.com/kb/en/format_description_event/).
struct FormatDescription {
  uint16_t binlog_version = 0;
  std::string_view server_version;
  uint32_t created = 0;  // Unix seconds; not 0 in the first file after a server start
  std::string_view post_header_lengths;  // one byte per event type, from type 1
  Checksum checksum = Checksum::kNone;   // of this log's events
};
// `body` as EventFramer gives it. kFailedPrecondition: not binlog version 4, or a checksum that is
// not known.
base::StatusOr<FormatDescription> DecodeFormatDescription(std::string_view body);

// Cuts a log's events out of whole event buffers (packets, or pieces of a file), in order: checks
// sizes and checksums, and learns the checksum in use from each format description event that
// passes. Not thread-safe.
class EventFramer {
 public:
  // `checksum` holds until the first format description event; for a connection it is what was
  // asked for with @master_binlog_checksum.
  explicit EventFramer(Checksum checksum = Checksum::kNone) : checksum_(checksum) {}

  // `bytes` is exactly one event, header first. The result points into `bytes`. kDataLoss: a wrong
  // size or checksum, with type and position.
  base::StatusOr<Event> Frame(std::string_view bytes);

  Checksum checksum() const { return checksum_; }

 private:
  Checksum checksum_;
};

}  // namespace godwit::wire::mysql
