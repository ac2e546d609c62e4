#include "wire/mysql/mysql_events.h"

#include <algorithm>

#include "wire/mysql/packet.h"
#include "wire/mysql/serialization.h"

namespace godwit::wire::mysql {
namespace {

constexpr uint8_t kMayHaveStatements = 0x01;
constexpr uint32_t kNoServerVersion = 999999;  // how the server says that it does not know

base::Status Malformed(EventType type) {
  return base::DataLoss("{} event: malformed", EventTypeName(type));
}

uint32_t Version(uint64_t value) {
  return value == kNoServerVersion ? 0 : static_cast<uint32_t>(value);
}

void ReadCommitTimes(base::ByteReader& reader, MysqlGtidEvent& event) {
  constexpr uint64_t kHasOriginal = uint64_t{1} << 55;
  const auto seven = [&reader] {
    const uint64_t low = reader.U48();
    return low | uint64_t{reader.U8()} << 48;
  };
  event.immediate_commit_us = seven();
  event.original_commit_us = event.immediate_commit_us & ~kHasOriginal;
  if ((event.immediate_commit_us & kHasOriginal) != 0) event.original_commit_us = seven();
  event.immediate_commit_us &= ~kHasOriginal;
}

void ReadServerVersions(base::ByteReader& reader, MysqlGtidEvent& event) {
  constexpr uint32_t kHasOriginal = uint32_t{1} << 31;
  const uint32_t immediate = reader.U32();
  event.immediate_server_version = Version(immediate & ~kHasOriginal);
  event.original_server_version = event.immediate_server_version;
  if ((immediate & kHasOriginal) != 0) event.original_server_version = Version(reader.U32());
}

base::StatusOr<MysqlGtidEvent> DecodeUntagged(const Event& event) {
  constexpr uint8_t kLogicalClock = 2;
  base::ByteReader reader(event.body);
  MysqlGtidEvent result;
  result.may_have_statements = (reader.U8() & kMayHaveStatements) != 0;
  MysqlGtid gtid;
  std::ranges::copy(reader.Bytes(gtid.uuid.bytes.size()), gtid.uuid.bytes.begin());
  gtid.gno = reader.U64();
  // What follows came with 5.7 and with the versions of 8.0, one after the other.
  if (reader.remaining() > 0 && reader.U8() == kLogicalClock) {
    result.last_committed = static_cast<int64_t>(reader.U64());
    result.sequence_number = static_cast<int64_t>(reader.U64());
    if (reader.remaining() > 0) ReadCommitTimes(reader, result);
    if (reader.remaining() > 0) result.transaction_length = ReadLengthEncoded(reader).value_or(0);
    if (reader.remaining() > 0) ReadServerVersions(reader, result);
    if (reader.remaining() >= 8) result.commit_group_ticket = reader.U64();
  }
  const bool anonymous = event.header.type == EventType::kAnonymousGtid;
  if (reader.failed() || (!anonymous && (gtid.gno == 0 || gtid.gno > kMostGno)))
    return Malformed(event.header.type);
  if (!anonymous) result.gtid = gtid;
  return result;
}

// Reads one field of a Gtid_tagged_log event; false for a number that is not known.
bool ReadField(uint64_t field, base::ByteReader& reader, MysqlGtid& gtid, MysqlGtidEvent& event) {
  switch (field) {
    case 0:
      event.may_have_statements = (ReadVarlen(reader) & kMayHaveStatements) != 0;
      return true;
    case 1:
      for (uint8_t& byte : gtid.uuid.bytes) byte = static_cast<uint8_t>(ReadVarlen(reader));
      return true;
    case 2:
      gtid.gno = static_cast<uint64_t>(ReadSignedVarlen(reader));
      return true;
    case 3:
      gtid.tag = reader.Bytes(ReadVarlen(reader));
      return true;
    case 4:
      event.last_committed = ReadSignedVarlen(reader);
      return true;
    case 5:
      event.sequence_number = ReadSignedVarlen(reader);
      return true;
    case 6:
      event.immediate_commit_us = event.original_commit_us = ReadVarlen(reader);
      return true;
    case 7:
      event.original_commit_us = ReadVarlen(reader);
      return true;
    case 8:
      event.transaction_length = ReadVarlen(reader);
      return true;
    case 9:
      event.immediate_server_version = event.original_server_version = Version(ReadVarlen(reader));
      return true;
    case 10:
      event.original_server_version = Version(ReadVarlen(reader));
      return true;
    case 11:
      event.commit_group_ticket = ReadVarlen(reader);
      return true;
    default:
      return false;
  }
}

base::StatusOr<MysqlGtidEvent> DecodeTagged(const Event& event) {
  constexpr uint64_t kVersion = 1;
  constexpr uint64_t kLastKnownField = 11;
  base::ByteReader reader(event.body);
  const uint64_t version = ReadVarlen(reader);
  const uint64_t size = ReadVarlen(reader);
  const uint64_t must_know = ReadVarlen(reader);
  if (reader.failed() || size != event.body.size()) return Malformed(event.header.type);
  if (version != kVersion || must_know > kLastKnownField) {
    return base::FailedPrecondition(
        "{} event: version {} with fields up to {} that must be known cannot be read",
        EventTypeName(event.header.type), version, must_know);
  }
  MysqlGtidEvent result;
  MysqlGtid gtid;
  uint64_t previous = 0;
  for (bool first = true; reader.remaining() > 0; first = false) {
    const uint64_t field = ReadVarlen(reader);
    if (!first && field <= previous) return Malformed(event.header.type);
    previous = field;
    // Fields of later versions that may be passed over come last, and their sizes are not known.
    if (!ReadField(field, reader, gtid, result)) break;
  }
  if (reader.failed() || gtid.gno == 0 || gtid.gno > kMostGno || !ValidTag(gtid.tag))
    return Malformed(event.header.type);
  result.gtid = std::move(gtid);
  return result;
}

}  // namespace

base::StatusOr<MysqlGtidEvent> DecodeMysqlGtid(const Event& event) {
  return event.header.type == EventType::kGtidTagged ? DecodeTagged(event) : DecodeUntagged(event);
}

base::StatusOr<MysqlGtidSet> DecodePreviousGtids(std::string_view body) {
  auto set = MysqlGtidSet::Decode(body);
  if (!set.ok()) return base::Annotate(set.status(), "Previous_gtids event");
  return set;
}

base::StatusOr<RowsQueryEvent> DecodeRowsQuery(std::string_view body) {
  // A byte with the statement's length, which it cannot hold: the statement is all of the rest.
  if (body.empty()) return Malformed(EventType::kRowsQuery);
  return RowsQueryEvent{body.substr(1)};
}

base::StatusOr<HeartbeatV2Event> DecodeHeartbeatV2(std::string_view body) {
  enum Field : uint8_t { kEnd = 0, kFile = 1, kPosition = 2 };
  base::ByteReader reader(body);
  HeartbeatV2Event event;
  while (reader.remaining() > 0) {
    const uint64_t field = ReadLengthEncoded(reader).value_or(UINT64_MAX);
    if (field == kEnd) break;
    const std::string_view value = ReadLengthEncodedString(reader).value_or(std::string_view());
    base::ByteReader number(value);
    if (field == kFile) event.file = value;
    if (field == kPosition) {
      event.position = ReadLengthEncoded(number).value_or(0);
      if (number.failed()) return Malformed(EventType::kHeartbeatV2);
    }
  }
  if (reader.failed() || event.file.empty()) return Malformed(EventType::kHeartbeatV2);
  return event;
}

}  // namespace godwit::wire::mysql
