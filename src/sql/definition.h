#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/table.h"
#include "sql/charset.h"
#include "sql/flavour.h"

// What CREATE TABLE says, as values that ALTER TABLE can change and that can be written again.
// Expressions are kept as text for the default SQL mode (see Render in lexer.h). MariaDB KB "CREATE
// TABLE".
namespace godwit::sql {

struct DataType {
  std::string name;  // the server's own: "int", "varchar", "datetime", "longtext", ...
  std::optional<uint32_t> length;  // or display width, or precision
  std::optional<uint32_t> decimals;
  bool is_unsigned = false;
  bool zerofill = false;
  std::string compressed;           // "COMPRESSED" or with its method; empty: not
  std::vector<std::string> labels;  // of enum and set
  CharsetChoice charset;            // of character data, enum and set
  std::string reference_system;     // of geometry: REF_SYSTEM_ID, or MySQL's SRID
  bool operator==(const DataType&) const = default;
};

enum class Generated : uint8_t { kNo, kVirtual, kStored, kRowStart, kRowEnd };

struct ColumnDefinition {
  std::string name;
  DataType type;
  bool nullable = true;
  Generated generated = Generated::kNo;
  std::string expression;     // of kVirtual and kStored
  std::string default_value;  // an expression; empty: none
  std::string on_update;      // likewise
  bool auto_increment = false;
  bool invisible = false;
  bool without_versioning = false;
  std::string check;  // an expression; empty: none
  std::string comment;
  std::string attributes;  // those an engine defines, as text
  // A TIMESTAMP as typed in a session without explicit_defaults_for_timestamp, which gives it a
  // default where it has none; not set any more once the definition is complete.
  bool takes_default = false;
  bool operator==(const ColumnDefinition&) const = default;
};

// Whether a default, as typed or as a server shows it, is the current time.
bool IsCurrentTime(std::string_view default_value);

enum class KeyKind : uint8_t { kPrimary, kUnique, kIndex, kFulltext, kSpatial };

struct KeyPart {
  std::string column;
  uint32_t prefix = 0;  // characters (bytes of binary data); 0: the whole column
  bool descending = false;
  std::string expression;  // in place of a column (MySQL)
  bool operator==(const KeyPart&) const = default;
};

struct KeyDefinition {
  KeyKind kind = KeyKind::kIndex;
  std::string name;  // "PRIMARY" for the primary key
  std::vector<KeyPart> parts;
  std::string without_overlaps;  // a period's name
  bool ignored = false;          // not used by the optimizer: IGNORED, or MySQL's INVISIBLE
  std::string options;           // USING, COMMENT, ... as text
  // Not typed, but made for a foreign key, and gone when another key serves it. SHOW CREATE TABLE
  // does not tell, so it counts for nothing in comparisons.
  bool for_foreign_key = false;
  bool operator==(const KeyDefinition& other) const {
    return kind == other.kind && name == other.name && parts == other.parts &&
           without_overlaps == other.without_overlaps && ignored == other.ignored &&
           options == other.options;
  }
};

struct CheckDefinition {
  std::string name;
  std::string expression;
  bool enforced = true;  // MySQL can keep a check without applying it
  bool operator==(const CheckDefinition&) const = default;
};

struct PeriodDefinition {
  std::string name;  // "SYSTEM_TIME" for the period of system versioning
  std::string start, end;
  bool operator==(const PeriodDefinition&) const = default;
};

struct TableOptions {
  std::string engine;
  std::optional<uint64_t> auto_increment;
  CharsetChoice charset;
  std::optional<std::string> comment;
  std::vector<std::pair<std::string, std::string>> other;  // name and value, as text
  bool operator==(const TableOptions&) const = default;
};

struct Partition {
  std::string name;
  std::string text;  // what follows the name
  bool operator==(const Partition&) const = default;
};

struct Partitioning {
  std::string method;             // "RANGE (`a`)"
  std::optional<uint32_t> count;  // PARTITIONS n
  std::string subpartition;       // "HASH (`b`) SUBPARTITIONS 2"
  std::vector<Partition> partitions;
  bool operator==(const Partitioning&) const = default;
};

struct TableDefinition {
  model::TableName name;
  Flavour flavour = Flavour::kMariaDb;  // whose it is
  std::vector<ColumnDefinition> columns;
  std::vector<KeyDefinition> keys;
  std::vector<model::ForeignKey> foreign_keys;
  // Those of the table; in MariaDB a column has its own, in MySQL all are the table's.
  std::vector<CheckDefinition> checks;
  std::vector<PeriodDefinition> periods;
  TableOptions options;
  bool system_versioned = false;
  std::optional<Partitioning> partitioning;

  // The index of a column, key or foreign key by name, compared as the server does; -1: none.
  int FindColumn(std::string_view column) const;
  int FindKey(std::string_view key) const;
  int FindForeignKey(std::string_view foreign_key) const;
  const PeriodDefinition* FindPeriod(std::string_view period) const;
  // System versioning without columns of its own: SHOW CREATE TABLE does not list row_start and
  // row_end, but the table has them, as its last two columns, and so have its rows in the binlog.
  bool HasHiddenPeriod() const;

  bool operator==(const TableDefinition&) const = default;
};

using DefinitionPtr = std::shared_ptr<const TableDefinition>;

// The table as rows see it. `definition` must be complete (see Complete in complete.h). Of columns
// that SHOW CREATE TABLE does not list, a hidden period is in it, as its last two columns; the
// hashes of long unique keys are not. JSON, an alias of longtext in MariaDB, is kText in utf8mb4
// there and kJson in MySQL; a VECTOR is kBinary. A primary key that compares more than whole values
// (a prefix, WITHOUT OVERLAPS) tells rows apart by its columns all the same; it is both the primary
// key and, with has_prefix, among the unique keys.
model::TablePtr ToTable(const TableDefinition& definition);

// The type as a server of that flavour writes it: "decimal(10,2) unsigned", without its charset.
std::string TypeText(const DataType& type, Flavour flavour);

}  // namespace godwit::sql
