#include "wire/mysql/packet.h"

namespace godwit::wire::mysql {
namespace {

constexpr uint8_t kOkByte = 0x00, kErrorByte = 0xff, kEofByte = 0xfe;
constexpr size_t kMostEofPayload = 8;

}  // namespace

PacketKind KindOf(std::string_view payload) {
  if (payload.empty()) return PacketKind::kOther;
  switch (static_cast<uint8_t>(payload[0])) {
    case kOkByte:
      return PacketKind::kOk;
    case kErrorByte:
      return PacketKind::kError;
    case kEofByte:
      return payload.size() <= kMostEofPayload ? PacketKind::kEof : PacketKind::kOther;
    default:
      return PacketKind::kOther;
  }
}

base::StatusOr<OkPacket> DecodeOk(std::string_view payload) {
  base::ByteReader reader(payload);
  OkPacket ok;
  uint8_t head = reader.U8();
  ok.affected_rows = ReadLengthEncoded(reader).value_or(0);
  ok.last_insert_id = ReadLengthEncoded(reader).value_or(0);
  ok.status = reader.U16();
  ok.warnings = reader.U16();
  ok.info = reader.rest();
  if (reader.failed() || (head != kOkByte && head != kEofByte))
    return base::DataLoss("OK packet malformed");
  return ok;
}

base::StatusOr<ErrorPacket> DecodeError(std::string_view payload) {
  constexpr size_t kSqlStateSize = 5;
  base::ByteReader reader(payload);
  ErrorPacket error;
  uint8_t head = reader.U8();
  error.code = reader.U16();
  if (reader.rest().starts_with('#')) {
    reader.Skip(1);
    error.sql_state = reader.Bytes(kSqlStateSize);
  }
  error.message = reader.rest();
  if (reader.failed() || head != kErrorByte) return base::DataLoss("error packet malformed");
  return error;
}

base::StatusOr<EofPacket> DecodeEof(std::string_view payload) {
  base::ByteReader reader(payload);
  EofPacket eof;
  uint8_t head = reader.U8();
  eof.warnings = reader.U16();
  eof.status = reader.U16();
  if (reader.failed() || head != kEofByte) return base::DataLoss("EOF packet malformed");
  return eof;
}

}  // namespace godwit::wire::mysql
