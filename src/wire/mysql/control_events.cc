#include "wire/mysql/control_events.h"

#include "base/bytes.h"

namespace godwit::wire::mysql {
namespace {

base::Status TooShort(EventType type) {
  return base::DataLoss("{} event: too short", EventTypeName(type));
}

// The names that fill an event's body are padded with zero bytes by some servers.
std::string_view Name(std::string_view bytes) { return bytes.substr(0, bytes.find('\0')); }

}  // namespace

base::StatusOr<RotateEvent> DecodeRotate(std::string_view body) {
  base::ByteReader reader(body);
  RotateEvent event;
  event.position = reader.U64();
  event.file = Name(reader.rest());
  if (reader.failed() || event.file.empty()) return TooShort(EventType::kRotate);
  return event;
}

base::StatusOr<MariadbGtidEvent> DecodeMariadbGtid(const Event& event) {
  constexpr size_t kSize = 19;
  constexpr uint8_t kMultiEngine = 0x01, kStartAlter = 0x02, kCommitAlter = 0x04,
                    kRollbackAlter = 0x08;
  if (event.body.size() < kSize) return TooShort(EventType::kMariadbGtid);
  base::ByteReader reader(event.body);
  MariadbGtidEvent result;
  result.gtid.server = event.header.server_id;
  result.gtid.seq = reader.U64();
  result.gtid.domain = reader.U32();
  result.flags = reader.U8();
  using Flag = MariadbGtidEvent;
  if ((result.flags & Flag::kGroupCommit) != 0) result.commit_id = reader.U64();
  if ((result.flags & (Flag::kPreparedXa | Flag::kCompletedXa)) != 0) {
    XaId xa;
    xa.format = reader.U32();
    uint8_t gtrid_size = reader.U8();
    uint8_t bqual_size = reader.U8();
    xa.gtrid = reader.Bytes(gtrid_size);
    xa.bqual = reader.Bytes(bqual_size);
    result.xa = xa;
  }
  // What is left is zero bytes up to the fixed size, or the flags that were added later.
  if (reader.remaining() > 0) {
    using Alter = MariadbGtidEvent::Alter;
    uint8_t extra = reader.U8();
    if ((extra & kMultiEngine) != 0) reader.Skip(1);
    if ((extra & kStartAlter) != 0) result.alter = Alter::kStart;
    if ((extra & kCommitAlter) != 0) result.alter = Alter::kCommit;
    if ((extra & kRollbackAlter) != 0) result.alter = Alter::kRollback;
    if ((extra & (kCommitAlter | kRollbackAlter)) != 0) result.alter_start_seq = reader.U64();
  }
  if (reader.failed()) return TooShort(EventType::kMariadbGtid);
  return result;
}

base::StatusOr<MariadbGtidListEvent> DecodeMariadbGtidList(std::string_view body) {
  constexpr uint32_t kCountMask = 0x0fffffff;
  constexpr size_t kEntrySize = 16;
  base::ByteReader reader(body);
  MariadbGtidListEvent event;
  uint32_t head = reader.U32();
  uint32_t count = head & kCountMask;
  event.flags = static_cast<uint8_t>(head >> 28);
  if (reader.failed() || count > reader.remaining() / kEntrySize)
    return TooShort(EventType::kMariadbGtidList);
  event.gtids.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    MariadbGtid gtid;
    gtid.domain = reader.U32();
    gtid.server = reader.U32();
    gtid.seq = reader.U64();
    event.gtids.push_back(gtid);
  }
  return event;
}

MariadbGtidSet MariadbGtidListEvent::Position() const {
  MariadbGtidSet position;
  for (const MariadbGtid& gtid : gtids) position.Update(gtid);
  return position;
}

base::StatusOr<uint64_t> DecodeXid(std::string_view body) {
  base::ByteReader reader(body);
  uint64_t xid = reader.U64();
  if (reader.failed()) return TooShort(EventType::kXid);
  return xid;
}

base::StatusOr<XaPrepareEvent> DecodeXaPrepare(std::string_view body) {
  base::ByteReader reader(body);
  XaPrepareEvent event;
  event.one_phase = reader.U8() != 0;
  event.xa.format = reader.U32();
  uint32_t gtrid_size = reader.U32();
  uint32_t bqual_size = reader.U32();
  event.xa.gtrid = reader.Bytes(gtrid_size);
  event.xa.bqual = reader.Bytes(bqual_size);
  if (reader.failed()) return TooShort(EventType::kXaPrepare);
  return event;
}

base::StatusOr<IncidentEvent> DecodeIncident(std::string_view body) {
  base::ByteReader reader(body);
  IncidentEvent event;
  event.number = reader.U16();
  uint8_t size = reader.U8();
  event.message = reader.Bytes(size);
  if (reader.failed()) return TooShort(EventType::kIncident);
  return event;
}

base::StatusOr<HeartbeatEvent> DecodeHeartbeat(std::string_view body) {
  HeartbeatEvent event{Name(body)};
  if (event.file.empty()) return TooShort(EventType::kHeartbeat);
  return event;
}

base::StatusOr<AnnotateRowsEvent> DecodeAnnotateRows(std::string_view body) {
  return AnnotateRowsEvent{body};
}

base::StatusOr<BinlogCheckpointEvent> DecodeBinlogCheckpoint(std::string_view body) {
  base::ByteReader reader(body);
  uint32_t size = reader.U32();
  BinlogCheckpointEvent event{reader.Bytes(size)};
  if (reader.failed()) return TooShort(EventType::kMariadbBinlogCheckpoint);
  return event;
}

}  // namespace godwit::wire::mysql
