#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "wire/mysql/table_map.h"

namespace godwit::wire::mysql {

// What a table map may not say of a column, from the table's definition. Where the map has a fact
// itself (binlog_row_metadata), the map is believed.
struct ColumnHint {
  enum class Special : uint8_t { kNone, kUuid, kInet4, kInet6 };

  bool is_unsigned = false;
  bool is_binary = false;  // BINARY(n): the log drops trailing zero bytes, which are put back
  Special special = Special::kNone;
  // Of a temporal column: the log does not say it for the formats before MariaDB 10.1.
  uint8_t fraction_digits = 0;
};

// The way to decode the rows of one table map, resolved once. Immutable, so thread-safe.
class RowLayout {
 public:
  enum class Op : uint8_t {
    kInt8,
    kInt16,
    kInt24,
    kInt32,
    kInt64,
    kUint8,
    kUint16,
    kUint24,
    kUint32,
    kUint64,
    kFloat,
    kDouble,
    kDecimal,
    kBit,
    kYear,
    kLabels,  // ENUM and SET
    kDate,
    kTime2,
    kDateTime2,
    kTimestamp2,
    kOldTime,
    kOldDateTime,
    kOldTimestamp,
    kHiresTime,
    kHiresDateTime,
    kHiresTimestamp,
    kBytes,   // a length of `fixed` bytes, then the data
    kPadded,  // the same, filled up to `length` with zero bytes
    kUuid,
    kInet4,
    kInet6,
    kCompressed,  // the same, compressed
    kJson,        // the same, binary JSON
  };
  // How one column is decoded.
  struct Step {
    Op op = Op::kBytes;
    uint8_t digits = 0;  // fraction digits; a decimal's scale
    uint8_t precision = 0;
    uint8_t fixed = 0;    // bytes that a value takes at least: all of it, or its length
    uint32_t length = 0;  // of padded values; 0 for all others
  };

  // One hint per column of the map, in order; another number of them is kInvalidArgument.
  // kFailedPrecondition: a column that cannot be decoded, named.
  static base::StatusOr<RowLayout> Compile(const TableMap& map, std::span<const ColumnHint> hints);

  std::span<const Step> steps() const { return steps_; }
  const std::string& table() const { return table_; }  // "schema.table"
  // "name" or, where the table map has no names, "3" counted from 1; for errors.
  std::string ColumnLabel(size_t column) const;

 private:
  RowLayout() = default;

  std::string table_;
  std::vector<Step> steps_;
  std::vector<std::string> names_;  // empty where the map has none
};

}  // namespace godwit::wire::mysql
