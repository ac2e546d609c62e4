#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace godwit::wire::mysql {

// Column types of the protocol (enum_field_types), as table maps use them.
enum class ColumnType : uint8_t {
  kDecimal = 0,
  kTiny = 1,
  kShort = 2,
  kLong = 3,
  kFloat = 4,
  kDouble = 5,
  kNull = 6,
  kTimestamp = 7,
  kLongLong = 8,
  kInt24 = 9,
  kDate = 10,
  kTime = 11,
  kDateTime = 12,
  kYear = 13,
  kNewDate = 14,
  kVarchar = 15,
  kBit = 16,
  kTimestamp2 = 17,
  kDateTime2 = 18,
  kTime2 = 19,
  kTypedArray = 20,          // MySQL: the hidden column of a multi-valued index
  kBlobCompressed = 140,     // MariaDB
  kVarcharCompressed = 141,  // MariaDB
  kVector = 242,             // MySQL: single-precision numbers, little-endian
  kJson = 245,               // MySQL's binary JSON (json_value.h)
  kNewDecimal = 246,
  kEnum = 247,
  kSet = 248,
  kTinyBlob = 249,
  kMediumBlob = 250,
  kLongBlob = 251,
  kBlob = 252,
  kVarString = 253,
  kString = 254,
  kGeometry = 255,
};

struct TableMapColumn {
  ColumnType type = ColumnType::kNull;  // kEnum and kSet are told apart from kString
  uint8_t real_type = 0;                // type byte as in the event
  uint16_t metadata = 0;                // as in the event, first byte lowest
  uint32_t length = 0;  // bytes: the most that a CHAR or VARCHAR holds; of an ENUM or SET; else 0
  bool nullable = true;

  // From the optional metadata (binlog_row_metadata); see TableMap::has_….
  bool is_unsigned = false;
  bool visible = true;
  uint16_t collation = 0;  // id, as in information_schema.collations; 63: binary
  uint8_t geometry_type = 0;
  uint32_t dimensions = 0;  // of a VECTOR: the most that it holds
  std::string name;
  std::vector<std::string> labels;  // of ENUM and SET, in the column's charset
};

// The shape of the rows that follow, for one table
// (https://mariadb.com/kb/en/table_map_event/; MySQL's additions in
// https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Table__map__event.html).
// Owns its memory.
struct TableMap {
  struct KeyPart {
    uint32_t column = 0;
    uint32_t prefix = 0;  // characters; 0: the whole column
  };

  uint64_t table_id = 0;
  uint16_t flags = 0;
  std::string schema;
  std::string table;
  std::vector<TableMapColumn> columns;
  std::vector<KeyPart> primary_key;

  // What the optional metadata holds: with NO_LOG nothing, with MINIMAL signedness, collations and
  // geometry types, with FULL all. Each is false as well where the table has no column that the
  // fact is about.
  bool has_signedness = false;
  bool has_collations = false;
  bool has_names = false;
  bool has_primary_key = false;
  bool has_visibility = false;
};

// kDataLoss: malformed. Unknown fields of the optional metadata are passed over.
base::StatusOr<TableMap> DecodeTableMap(std::string_view body);

// The table id that a table map or rows event begins with, without decoding more. A server repeats
// the same map before every statement: a reader compares the body with the last one of this id and
// decodes only what is new.
base::StatusOr<uint64_t> PeekTableId(std::string_view body);

}  // namespace godwit::wire::mysql
