#include "wire/mysql/table_map_metadata.h"

#include "base/bytes.h"
#include "wire/mysql/packet.h"

namespace godwit::wire::mysql {
namespace {

enum Field : uint8_t {
  kSignedness = 1,
  kDefaultCollation = 2,
  kColumnCollation = 3,
  kColumnName = 4,
  kSetLabels = 5,
  kEnumLabels = 6,
  kGeometryType = 7,
  kSimplePrimaryKey = 8,
  kPrimaryKeyWithPrefix = 9,
  kEnumAndSetDefaultCollation = 10,
  kEnumAndSetColumnCollation = 11,
  kColumnVisibility = 12,
  kVectorDimensionality = 13,
};

using Belongs = bool (*)(const TableMapColumn&);

bool IsNumeric(const TableMapColumn& column) {
  switch (column.type) {
    case ColumnType::kTiny:
    case ColumnType::kShort:
    case ColumnType::kInt24:
    case ColumnType::kLong:
    case ColumnType::kLongLong:
    case ColumnType::kFloat:
    case ColumnType::kDouble:
    case ColumnType::kDecimal:
    case ColumnType::kNewDecimal:
    case ColumnType::kYear:
      return true;
    default:
      return false;
  }
}

bool IsCharacter(const TableMapColumn& column) {
  switch (column.type) {
    case ColumnType::kString:
    case ColumnType::kVarString:
    case ColumnType::kVarchar:
    case ColumnType::kVarcharCompressed:
    case ColumnType::kBlob:
    case ColumnType::kTinyBlob:
    case ColumnType::kMediumBlob:
    case ColumnType::kLongBlob:
    case ColumnType::kBlobCompressed:
    case ColumnType::kVector:  // with the collation "binary", as blobs have it
      return true;
    default:
      return false;
  }
}

bool IsEnumOrSet(const TableMapColumn& column) {
  return column.type == ColumnType::kEnum || column.type == ColumnType::kSet;
}
bool IsEnum(const TableMapColumn& column) { return column.type == ColumnType::kEnum; }
bool IsSet(const TableMapColumn& column) { return column.type == ColumnType::kSet; }
bool IsGeometry(const TableMapColumn& column) { return column.type == ColumnType::kGeometry; }
bool IsVector(const TableMapColumn& column) { return column.type == ColumnType::kVector; }
bool IsAny(const TableMapColumn&) { return true; }

// A number that must be there; fails the reader otherwise.
uint64_t Number(base::ByteReader& reader) {
  std::optional<uint64_t> value = ReadLengthEncoded(reader);
  if (!value) reader.Skip(reader.remaining() + 1);
  return value.value_or(0);
}

// One bit per column that belongs, highest bit of the first byte first.
template <typename Set>
void ReadBits(base::ByteReader& reader, TableMap& map, Belongs belongs, Set set) {
  uint8_t byte = 0;
  int bit = -1;
  for (TableMapColumn& column : map.columns) {
    if (!belongs(column)) continue;
    if (bit < 0) {
      byte = reader.U8();
      bit = 7;
    }
    set(column, (byte >> bit-- & 1) != 0);
  }
}

// One value per column that belongs.
template <typename Set>
void ReadEach(base::ByteReader& reader, TableMap& map, Belongs belongs, Set set) {
  for (TableMapColumn& column : map.columns) {
    if (belongs(column)) set(column, reader);
  }
}

void ReadCollation(TableMapColumn& column, base::ByteReader& reader) {
  column.collation = static_cast<uint16_t>(Number(reader));
}

// A collation for all columns that belong, then pairs of a column's number among these and its own
// collation.
void ReadDefaultCollation(base::ByteReader& reader, TableMap& map, Belongs belongs) {
  std::vector<TableMapColumn*> columns;
  for (TableMapColumn& column : map.columns) {
    if (belongs(column)) columns.push_back(&column);
  }
  auto common = static_cast<uint16_t>(Number(reader));
  for (TableMapColumn* column : columns) column->collation = common;
  while (reader.remaining() > 0) {
    uint64_t index = Number(reader);
    auto collation = static_cast<uint16_t>(Number(reader));
    if (index >= columns.size()) return reader.Skip(reader.remaining() + 1);
    columns[index]->collation = collation;
  }
}

void ReadLabels(TableMapColumn& column, base::ByteReader& reader) {
  uint64_t count = Number(reader);
  for (uint64_t i = 0; i < count && !reader.failed(); ++i) {
    column.labels.emplace_back(ReadLengthEncodedString(reader).value_or(std::string_view()));
  }
}

void ReadPrimaryKey(base::ByteReader& reader, TableMap& map, bool with_prefix) {
  map.has_primary_key = true;
  while (reader.remaining() > 0) {
    uint64_t column = Number(reader);
    uint64_t prefix = with_prefix ? Number(reader) : 0;
    if (column >= map.columns.size()) return reader.Skip(reader.remaining() + 1);
    map.primary_key.push_back({static_cast<uint32_t>(column), static_cast<uint32_t>(prefix)});
  }
}

void ReadField(uint8_t field, base::ByteReader& reader, TableMap& map) {
  switch (field) {
    case kSignedness:
      map.has_signedness = true;
      return ReadBits(reader, map, IsNumeric,
                      [](TableMapColumn& c, bool bit) { c.is_unsigned = bit; });
    case kDefaultCollation:
      map.has_collations = true;
      return ReadDefaultCollation(reader, map, IsCharacter);
    case kColumnCollation:
      map.has_collations = true;
      return ReadEach(reader, map, IsCharacter, ReadCollation);
    case kColumnName:
      map.has_names = true;
      return ReadEach(reader, map, IsAny, [](TableMapColumn& column, base::ByteReader& r) {
        column.name = ReadLengthEncodedString(r).value_or(std::string_view());
      });
    case kSetLabels:
      return ReadEach(reader, map, IsSet, ReadLabels);
    case kEnumLabels:
      return ReadEach(reader, map, IsEnum, ReadLabels);
    case kGeometryType:
      return ReadEach(reader, map, IsGeometry, [](TableMapColumn& column, base::ByteReader& r) {
        column.geometry_type = static_cast<uint8_t>(Number(r));
      });
    case kSimplePrimaryKey:
      return ReadPrimaryKey(reader, map, false);
    case kPrimaryKeyWithPrefix:
      return ReadPrimaryKey(reader, map, true);
    case kEnumAndSetDefaultCollation:
      return ReadDefaultCollation(reader, map, IsEnumOrSet);
    case kEnumAndSetColumnCollation:
      return ReadEach(reader, map, IsEnumOrSet, ReadCollation);
    case kColumnVisibility:
      map.has_visibility = true;
      return ReadBits(reader, map, IsAny, [](TableMapColumn& c, bool bit) { c.visible = bit; });
    case kVectorDimensionality:
      return ReadEach(reader, map, IsVector, [](TableMapColumn& column, base::ByteReader& r) {
        column.dimensions = static_cast<uint32_t>(Number(r));
      });
    default:
      return;
  }
}

}  // namespace

base::Status DecodeOptionalMetadata(std::string_view bytes, TableMap& map) {
  base::ByteReader reader(bytes);
  while (reader.remaining() > 0) {
    uint8_t field = reader.U8();
    base::ByteReader value(ReadLengthEncodedString(reader).value_or(std::string_view()));
    if (reader.failed()) return base::DataLoss("optional metadata field {} cut off", field);
    ReadField(field, value, map);
    if (value.failed()) return base::DataLoss("optional metadata field {} malformed", field);
  }
  return base::OkStatus();
}

}  // namespace godwit::wire::mysql
