#include "wire/mysql/rows.h"

#include "base/bytes.h"
#include "wire/mysql/inflate.h"
#include "wire/mysql/packet.h"

namespace godwit::wire::mysql {
namespace {

struct RowsType {
  RowsKind kind;
  int version = 1;
  bool compressed = false;
  bool partial = false;
};

std::optional<RowsType> RowsTypeOf(EventType type) {
  switch (type) {
    case EventType::kWriteRowsV1:
      return RowsType{RowsKind::kWrite};
    case EventType::kWriteRowsV2:
      return RowsType{RowsKind::kWrite, 2};
    case EventType::kUpdateRowsV1:
      return RowsType{RowsKind::kUpdate};
    case EventType::kUpdateRowsV2:
      return RowsType{RowsKind::kUpdate, 2};
    case EventType::kDeleteRowsV1:
      return RowsType{RowsKind::kDelete};
    case EventType::kDeleteRowsV2:
      return RowsType{RowsKind::kDelete, 2};
    case EventType::kPartialUpdateRows:
      return RowsType{.kind = RowsKind::kUpdate, .version = 2, .partial = true};
    case EventType::kMariadbWriteRowsCompressedV1:
      return RowsType{.kind = RowsKind::kWrite, .compressed = true};
    case EventType::kMariadbUpdateRowsCompressedV1:
      return RowsType{.kind = RowsKind::kUpdate, .compressed = true};
    case EventType::kMariadbDeleteRowsCompressedV1:
      return RowsType{.kind = RowsKind::kDelete, .compressed = true};
    default:
      return std::nullopt;
  }
}

// What version 2 has between head and columns: parts that begin with their type. What a later
// server may put behind these is passed over.
bool ReadExtra(std::string_view extra, RowsEvent& rows) {
  enum Part : uint8_t { kNdb = 0, kPartition = 1 };
  base::ByteReader reader(extra);
  while (reader.remaining() > 0) {
    switch (reader.U8()) {
      case kNdb: {
        const uint8_t size = reader.U8();  // with itself and a byte for the format
        if (size < 2) return false;
        reader.Skip(1);
        rows.ndb_info = reader.Bytes(size - 2u);
        break;
      }
      case kPartition:
        rows.partition = reader.U16();
        if (rows.kind == RowsKind::kUpdate) rows.source_partition = reader.U16();
        break;
      default:
        return true;
    }
  }
  return !reader.failed();
}

bool ReadVersion2(base::ByteReader& reader, RowsEvent& rows) {
  constexpr size_t kSizeBytes = 2;
  const uint16_t size = reader.U16();  // with itself
  if (size < kSizeBytes) return false;
  const std::string_view extra = reader.Bytes(size - kSizeBytes);
  return !reader.failed() && ReadExtra(extra, rows);
}

}  // namespace

bool RowsEvent::has_all_columns() const {
  for (const std::string_view columns : {before_columns, after_columns}) {
    for (uint32_t i = 0; i < column_count && !columns.empty(); ++i) {
      if ((static_cast<uint8_t>(columns[i / 8]) >> (i % 8) & 1) == 0) return false;
    }
  }
  return true;
}

bool EndsStatement(const Event& event) {
  base::ByteReader reader(event.body);
  reader.Skip(6);  // the table's id
  return (reader.U16() & RowsEvent::kStatementEnd) != 0;
}

bool IsRowsEvent(EventType type) { return RowsTypeOf(type).has_value(); }

base::StatusOr<RowsEvent> DecodeRowsEvent(const Event& event, std::string& inflated) {
  std::optional<RowsType> type = RowsTypeOf(event.header.type);
  if (!type)
    return base::Unimplemented("{} event: cannot be decoded", EventTypeName(event.header.type));
  base::ByteReader reader(event.body);
  RowsEvent rows;
  rows.kind = type->kind;
  rows.table_id = reader.U48();
  rows.flags = reader.U16();
  rows.partial = type->partial;
  if (type->version == 2 && !ReadVersion2(reader, rows))
    return base::DataLoss("{} event: head malformed", EventTypeName(event.header.type));
  uint64_t columns = ReadLengthEncoded(reader).value_or(UINT64_MAX);
  // Eight columns to a byte: more cannot be in the body, and the sum below cannot overflow.
  if (reader.failed() || columns > event.body.size() * 8) {
    return base::DataLoss("{} event: head cut off", EventTypeName(event.header.type));
  }
  rows.column_count = static_cast<uint32_t>(columns);
  size_t bitmap_size = (columns + 7) / 8;
  if (rows.kind != RowsKind::kWrite) rows.before_columns = reader.Bytes(bitmap_size);
  if (rows.kind != RowsKind::kDelete) rows.after_columns = reader.Bytes(bitmap_size);
  if (reader.failed())
    return base::DataLoss("{} event: column maps cut off", EventTypeName(event.header.type));
  rows.rows = reader.rest();
  if (type->compressed) {
    auto status = InflateEventPart(rows.rows, inflated);
    if (!status.ok())
      return base::Annotate(status, fmt::format("{} event", EventTypeName(event.header.type)));
    rows.rows = inflated;
  }
  return rows;
}

}  // namespace godwit::wire::mysql
