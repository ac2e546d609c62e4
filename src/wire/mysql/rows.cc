#include "wire/mysql/rows.h"

#include "base/bytes.h"
#include "wire/mysql/inflate.h"
#include "wire/mysql/packet.h"

namespace godwit::wire::mysql {
namespace {

struct RowsType {
  RowsKind kind;
  bool compressed;
};

std::optional<RowsType> RowsTypeOf(EventType type) {
  switch (type) {
    case EventType::kWriteRowsV1:
      return RowsType{RowsKind::kWrite, false};
    case EventType::kUpdateRowsV1:
      return RowsType{RowsKind::kUpdate, false};
    case EventType::kDeleteRowsV1:
      return RowsType{RowsKind::kDelete, false};
    case EventType::kMariadbWriteRowsCompressedV1:
      return RowsType{RowsKind::kWrite, true};
    case EventType::kMariadbUpdateRowsCompressedV1:
      return RowsType{RowsKind::kUpdate, true};
    case EventType::kMariadbDeleteRowsCompressedV1:
      return RowsType{RowsKind::kDelete, true};
    default:
      return std::nullopt;
  }
}

}  // namespace

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
