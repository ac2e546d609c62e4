#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::model {

// A table's full name. `schema` is what the server calls a database (MySQL) or a schema
// (PostgreSQL).
struct TableName {
  std::string schema;
  std::string table;

  std::string ToString() const { return schema + "." + table; }
  // NOLINTNEXTLINE(modernize-use-nullptr): the 0 that orderings compare with is no pointer
  auto operator<=>(const TableName&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const TableName& n) {
    return H::combine(std::move(h), n.schema, n.table);
  }
};

// What kind of value a column holds, as far as moving it between servers needs to know.
enum class TypeKind : uint8_t {
  kInt,      // signed integer of `length` bytes
  kUint,     // unsigned integer of `length` bytes
  kFloat,    // 32-bit
  kDouble,   // 64-bit
  kDecimal,  // exact; precision, scale
  kBit,      // `length` bits
  kYear,
  kDate,
  kTime,       // `scale` fractional digits; may be negative and beyond 24 h
  kDateTime,   // without a zone; `scale` fractional digits
  kTimestamp,  // an instant; values travel as text in UTC; `scale` fractional digits
  kText,       // character data, as bytes in `charset`
  kBinary,     // bytes
  kEnum,       // travels as the index of its label (0: the empty error value), labels in `charset`
  kSet,        // travels as a bit mask over its labels
  kJson,
  kGeometry,  // the server's internal form: SRID and WKB
  kUuid,      // travels as text
  kInet4,     // travels as text
  kInet6,     // travels as text
};

// Of a table that keeps history: what a column says of a row's version.
enum class RowPeriod : uint8_t { kNone, kStart, kEnd };

struct Column {
  std::string name;
  TypeKind kind = TypeKind::kText;
  std::string type_text;  // the type as its own server writes it, e.g. "decimal(10,2) unsigned"
  std::string base_type;  // of a domain of PostgreSQL: the type below it, likewise; else empty
  uint32_t length = 0;    // in characters for kText, in bits for kBit, in bytes otherwise
  uint8_t precision = 0;
  uint8_t scale = 0;
  bool nullable = true;
  bool generated = false;  // computed by the server: never written, compared all the same
  bool stored = false;     // a generated column that is stored in the row
  // A generated column in which the server writes from when or to when a version of the row held.
  // These values are part of the row: they are copied.
  RowPeriod row_period = RowPeriod::kNone;
  std::string default_value;  // an expression, as the server writes it; empty: none
  std::string on_update;      // likewise: what an update that does not name the column sets it to
  bool left_out = false;      // the target's table has no such column: never written, nor compared
  bool invisible = false;     // left out of SELECT *
  bool auto_increment = false;
  bool fixed_length = false;        // CHAR or BINARY: trailing pad is not data
  std::string charset;              // of kText, kEnum, kSet: the server's name for it
  std::string collation;            // likewise; empty: the charset's default
  std::vector<std::string> labels;  // of kEnum and kSet, as bytes in UTF-8

  bool operator==(const Column&) const = default;
};

// A key: its name and its columns as indexes into Table::columns, in key order.
struct Key {
  std::string name;
  std::vector<int> columns;
  bool has_prefix = false;      // covers only a prefix, or an expression, of some column
  bool has_expression = false;  // of any columns, which are not among `columns` for that
  // Too long for an index: the server compares by hashes, which it keeps in a column that nobody
  // can name. No rows can be read in its order.
  bool by_hash = false;
  // Of a table as the target has it: this keeps rows apart that no key of the source is known to.
  bool target_only = false;
  bool operator==(const Key&) const = default;
};

enum class ReferenceAction : uint8_t { kRestrict, kNoAction, kCascade, kSetNull, kSetDefault };
// Whether it changes rows of the child; otherwise it keeps those of the parent from being changed.
bool Acts(ReferenceAction action);

struct ForeignKey {
  std::string name;
  std::vector<std::string> columns;
  TableName parent;
  std::vector<std::string> parent_columns;
  ReferenceAction on_delete = ReferenceAction::kRestrict;
  ReferenceAction on_update = ReferenceAction::kRestrict;
  bool operator==(const ForeignKey&) const = default;
};
// Whether it changes rows of its table when its parent changes.
bool Acts(const ForeignKey& key);

// What tables of a database get that are made without saying it. No charset: there is no such
// database.
struct SchemaDefault {
  std::string schema, charset, collation;
  bool operator==(const SchemaDefault&) const = default;
};

// A table as it was at one position of the source's log. Immutable once shared: a DDL makes a new
// one.
struct Table {
  TableName name;
  std::vector<Column> columns;   // in the order of the table, invisible ones included
  std::vector<int> primary_key;  // empty: none
  std::vector<Key> unique_keys;  // without the primary key; prefix and expression keys included
  std::vector<ForeignKey> foreign_keys;
  // The server keeps each row's earlier versions in the table, by two columns with `row_period`.
  // The one that says when a version ended is part of every unique key.
  bool system_versioned = false;
  bool without_overlaps = false;  // a unique key keeps periods of time apart
  // The target's table has columns besides these, which belong to its rows: a row that changes must
  // not be replaced by another.
  bool target_has_more = false;
  // The target has unique keys by which rows may be in each other's way that are not on the source:
  // no row may be written over another that is found by them.
  bool target_has_keys = false;
  // The cells of its rows are text as the source's server writes it, whatever the columns' kinds.
  bool cells_are_text = false;
  // Columns that each update would set on the target (ON UPDATE), and none does on the source: an
  // update that has no value for one names it all the same, so that it stays as it is.
  std::vector<std::string> kept_by_updates;

  // The columns that tell one row from all others: the primary key, else the first unique key
  // whose columns are all NOT NULL and whole; empty when there is none.
  std::vector<int> RowIdentity() const;
  // Whether changes come out right only one by one, in the order in which they were made, on a copy
  // of a single moment: there is no identity by which to merge them, or each of them makes history,
  // or a row in between decides what may stand beside it, or rows have values of the target's own.
  bool ChangesInOrder() const;
  // The column that holds this of a row's version; -1: none.
  int FindPeriod(RowPeriod period) const;
  int FindColumn(std::string_view column) const;  // case-insensitive; -1: none
  bool operator==(const Table&) const = default;
};

using TablePtr = std::shared_ptr<const Table>;

}  // namespace godwit::model
