#include "wire/mysql/table_map.h"

#include "base/bytes.h"
#include "wire/mysql/packet.h"
#include "wire/mysql/table_map_metadata.h"

namespace godwit::wire::mysql {
namespace {

constexpr uint64_t kMostColumns = 4096;  // the server's limit

// How many bytes of metadata a type has.
size_t MetadataSize(ColumnType type) {
  switch (type) {
    case ColumnType::kVarchar:
    case ColumnType::kVarcharCompressed:
    case ColumnType::kVarString:
    case ColumnType::kString:
    case ColumnType::kEnum:
    case ColumnType::kSet:
    case ColumnType::kBit:
    case ColumnType::kNewDecimal:
    case ColumnType::kDecimal:
      return 2;
    case ColumnType::kFloat:
    case ColumnType::kDouble:
    case ColumnType::kTimestamp2:
    case ColumnType::kDateTime2:
    case ColumnType::kTime2:
    case ColumnType::kBlob:
    case ColumnType::kTinyBlob:
    case ColumnType::kMediumBlob:
    case ColumnType::kLongBlob:
    case ColumnType::kBlobCompressed:
    case ColumnType::kVector:
    case ColumnType::kJson:
    case ColumnType::kGeometry:
      return 1;
    default:
      return 0;
  }
}

// CHAR, ENUM and SET all travel as kString: the first byte of the metadata is the real type, the
// second the length. Lengths over 255 have their upper two bits folded, inverted, into bits 4 and 5
// of the type, which all of these types have set.
void ResolveString(TableMapColumn& column) {
  constexpr unsigned kFoldedBits = 0x30;
  unsigned first = column.metadata & 0xff;
  unsigned second = column.metadata >> 8;
  unsigned folded = (first & kFoldedBits) ^ kFoldedBits;
  auto type = static_cast<ColumnType>(first | kFoldedBits);
  column.length = second | folded << 4;
  if (type == ColumnType::kEnum || type == ColumnType::kSet) column.type = type;
}

// A typed array's metadata are its elements' type and the metadata of that, a VARCHAR's length in
// three bytes. Nothing of it is needed: no rows with such a column can be decoded.
void SkipArrayMetadata(base::ByteReader& metadata) {
  const auto type = static_cast<ColumnType>(metadata.U8());
  metadata.Skip(type == ColumnType::kVarchar ? 3 : MetadataSize(type));
}

bool ReadColumns(base::ByteReader& reader, TableMap& map) {
  uint64_t count = ReadLengthEncoded(reader).value_or(UINT64_MAX);
  if (count > kMostColumns) return false;
  std::string_view types = reader.Bytes(count);
  auto metadata_bytes = ReadLengthEncodedString(reader);
  std::string_view nullable = reader.Bytes((count + 7) / 8);
  if (reader.failed() || !metadata_bytes) return false;
  base::ByteReader metadata(*metadata_bytes);
  map.columns.resize(count);
  for (size_t i = 0; i < count; ++i) {
    TableMapColumn& column = map.columns[i];
    column.real_type = static_cast<uint8_t>(types[i]);
    column.type = static_cast<ColumnType>(column.real_type);
    if (column.type == ColumnType::kTypedArray) SkipArrayMetadata(metadata);
    switch (MetadataSize(column.type)) {
      case 1:
        column.metadata = metadata.U8();
        break;
      case 2:
        column.metadata = metadata.U16();
        break;
      default:
        break;
    }
    column.nullable = (static_cast<uint8_t>(nullable[i / 8]) >> (i % 8) & 1) != 0;
    if (column.type == ColumnType::kString) ResolveString(column);
    if (column.type == ColumnType::kVarchar || column.type == ColumnType::kVarString ||
        column.type == ColumnType::kVarcharCompressed) {
      column.length = column.metadata;
    }
  }
  return !metadata.failed() && metadata.remaining() == 0;
}

std::string_view ShortName(base::ByteReader& reader) {
  uint8_t size = reader.U8();
  std::string_view name = reader.Bytes(size);
  reader.Skip(1);  // a zero byte
  return name;
}

}  // namespace

base::StatusOr<TableMap> DecodeTableMap(std::string_view body) {
  base::ByteReader reader(body);
  TableMap map;
  map.table_id = reader.U48();
  map.flags = reader.U16();
  map.schema = ShortName(reader);
  map.table = ShortName(reader);
  if (reader.failed()) return base::DataLoss("Table_map event: head cut off");
  if (!ReadColumns(reader, map)) {
    return base::DataLoss("Table_map event of {}.{}: column list malformed", map.schema, map.table);
  }
  if (reader.remaining() > 0) {
    auto status = DecodeOptionalMetadata(reader.rest(), map);
    if (!status.ok()) {
      return base::Annotate(status, fmt::format("Table_map event of {}.{}", map.schema, map.table));
    }
  }
  return map;
}

base::StatusOr<uint64_t> PeekTableId(std::string_view body) {
  base::ByteReader reader(body);
  uint64_t id = reader.U48();
  if (reader.failed()) return base::DataLoss("event cut off in its table id");
  return id;
}

}  // namespace godwit::wire::mysql
