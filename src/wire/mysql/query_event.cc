#include "wire/mysql/query_event.h"

#include "base/bytes.h"
#include "wire/mysql/inflate.h"

namespace godwit::wire::mysql {
namespace {

// Numbers of the status variables. Those from 128 on are MariaDB's.
enum Variable : uint8_t {
  kFlags2 = 0,
  kSqlMode = 1,
  kCatalogZ = 2,
  kAutoIncrement = 3,
  kCharset = 4,
  kTimeZone = 5,
  kCatalog = 6,
  kLcTimeNames = 7,
  kCollationDatabase = 8,
  kTableMapForUpdate = 9,
  kMasterDataWritten = 10,
  kInvoker = 11,
  kUpdatedSchemas = 12,
  kMicroseconds = 13,
  kExplicitDefaultsForTimestamp = 16,
  kDdlXid = 17,
  kDefaultCollationForUtf8mb4 = 18,
  kSqlRequirePrimaryKey = 19,
  kDefaultTableEncryption = 20,
  kMariadbMicroseconds = 128,
  kMariadbXid = 129,
  kMariadbGtidFlags = 130,
  kMariadbCharsetCollations = 131,
};

constexpr uint8_t kTooManySchemas = 254;
constexpr uint8_t kMariadbGtidFlagsWithSeq = 0x04 | 0x08;  // COMMIT ALTER and ROLLBACK ALTER

std::string_view ShortString(base::ByteReader& reader) {
  uint8_t size = reader.U8();
  return reader.Bytes(size);
}

std::string_view ZeroTerminated(base::ByteReader& reader) {
  std::string_view rest = reader.rest();
  size_t size = rest.find('\0');
  std::string_view text = reader.Bytes(size == rest.npos ? rest.size() + 1 : size);
  reader.Skip(1);
  return text;
}

// Reads one variable's value. False when its size is not known.
bool ReadVariable(uint8_t variable, base::ByteReader& reader, QueryStatus& status) {
  switch (variable) {
    case kFlags2:
      status.flags2 = reader.U32();
      return true;
    case kSqlMode:
      status.sql_mode = reader.U64();
      return true;
    case kCatalogZ:
      ShortString(reader);
      reader.Skip(1);
      return true;
    case kAutoIncrement:
      status.auto_increment_increment = reader.U16();
      status.auto_increment_offset = reader.U16();
      return true;
    case kCharset: {
      QueryStatus::Charset charset;
      charset.client = reader.U16();
      charset.connection = reader.U16();
      charset.server = reader.U16();
      status.charset = charset;
      return true;
    }
    case kTimeZone:
      status.time_zone = ShortString(reader);
      return true;
    case kCatalog:
      ShortString(reader);
      return true;
    case kLcTimeNames:
      status.lc_time_names = reader.U16();
      return true;
    case kCollationDatabase:
      status.collation_database = reader.U16();
      return true;
    case kTableMapForUpdate:
      status.table_map_for_update = reader.U64();
      return true;
    case kMasterDataWritten:
      reader.Skip(4);
      return true;
    case kInvoker:
      status.invoker_user = ShortString(reader);
      status.invoker_host = ShortString(reader);
      return true;
    case kUpdatedSchemas: {
      uint8_t count = reader.U8();
      if (count == kTooManySchemas) return true;
      for (uint8_t i = 0; i < count; ++i) status.updated_schemas.push_back(ZeroTerminated(reader));
      return true;
    }
    case kMicroseconds:
    case kMariadbMicroseconds:
      status.microseconds = reader.U24();
      return true;
    case kExplicitDefaultsForTimestamp:
      status.explicit_defaults_for_timestamp = reader.U8() != 0;
      return true;
    case kDdlXid:
    case kMariadbXid:
      status.xid = reader.U64();
      return true;
    case kDefaultCollationForUtf8mb4:
      status.default_collation_for_utf8mb4 = reader.U16();
      return true;
    case kSqlRequirePrimaryKey:
    case kDefaultTableEncryption:
      reader.Skip(1);
      return true;
    case kMariadbGtidFlags:
      if ((reader.U8() & kMariadbGtidFlagsWithSeq) != 0) reader.Skip(8);
      return true;
    case kMariadbCharsetCollations: {
      constexpr size_t kPairSize = 4;
      uint8_t count = reader.U8();
      reader.Skip(count * kPairSize);
      return true;
    }
    default:
      return false;
  }
}

base::Status DecodeStatus(std::string_view variables, QueryStatus& status) {
  base::ByteReader reader(variables);
  while (reader.remaining() > 0) {
    uint8_t variable = reader.U8();
    if (!ReadVariable(variable, reader, status)) {
      status.unknown_variable = variable;
      return base::OkStatus();
    }
    if (reader.failed()) return base::DataLoss("status variable {} cut off", variable);
  }
  return base::OkStatus();
}

base::StatusOr<QueryEvent> DecodeBody(std::string_view body) {
  base::ByteReader reader(body);
  QueryEvent query;
  query.thread_id = reader.U32();
  query.execution_seconds = reader.U32();
  uint8_t schema_size = reader.U8();
  query.error_code = reader.U16();
  uint16_t variables_size = reader.U16();
  std::string_view variables = reader.Bytes(variables_size);
  query.schema = reader.Bytes(schema_size);
  reader.Skip(1);
  query.sql = reader.rest();
  if (reader.failed()) return base::DataLoss("head cut off");
  GODWIT_RETURN_IF_ERROR(DecodeStatus(variables, query.status));
  return query;
}

}  // namespace

base::StatusOr<QueryEvent> DecodeQuery(const Event& event, std::string& inflated) {
  auto query = DecodeBody(event.body);
  base::Status status = query.status();
  if (status.ok()) query->thread_specific = (event.header.flags & kEventFlagThreadSpecific) != 0;
  if (status.ok() && event.header.type == EventType::kMariadbQueryCompressed) {
    status = InflateEventPart(query->sql, inflated);
    query->sql = inflated;
  }
  if (!status.ok())
    return base::Annotate(status, fmt::format("{} event", EventTypeName(event.header.type)));
  return query;
}

}  // namespace godwit::wire::mysql
