#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connector/chunk.h"
#include "model/table.h"

namespace godwit::connector {

// A row as it is compared. Views live as long as the call that hands them over.
//
// The canonical form of a value does not depend on the server's settings, nor on how the column is
// displayed: numbers in decimal digits without padding, floats as doubles, temporal values as text
// in UTC, ENUM by index and SET by mask, all else as the bytes stored. Of a table that keeps
// history all versions of a row are rows, each with the period that it held. Between servers of two
// families it is the one of CanonicalRow.
struct ComparedRow {
  // All columns in the order of the table, generated and invisible ones too: for each the length of
  // its canonical form as a length-encoded integer (MySQL's), then the form; 0xfb for NULL. What
  // the reader needs for the key may follow, and before that the types of what MySQL's JSON
  // documents hold, as far as their text does not tell them. Equal rows of one table have equal
  // bytes, and only they.
  std::string_view bytes;

  // Only with RowDetail::kKeyAndValues:
  std::string_view key;  // in the notation of KeyRange; empty without a row identity
  std::span<const std::optional<std::string_view>>
      values;  // canonical forms, one per column (documents with their types)
};

class RowVisitor {
 public:
  virtual ~RowVisitor() = default;
  virtual void Visit(const ComparedRow& row) = 0;
};

enum class RowDetail : uint8_t { kBytes, kKeyAndValues };

// How a read ended.
struct RowsEnd {
  bool range_done = true;  // false: the limit was reached, and rows may remain after `cursor`
  std::string cursor;      // the key of the last row, where !range_done
  uint64_t rows = 0;
  uint64_t bytes = 0;
};

// Reads rows to be compared; both ends of a task offer one. Holds one row at a time, and one
// connection, made when first needed. One thread, save for Cancel.
//
// Errors: kUnavailable, the connection was lost: what was visited is void, the next call
// reconnects. kNotFound, the table, or a column or key of it, is not what `table` says. kCancelled
// after Cancel.
class RowReader {
 public:
  virtual ~RowReader() = default;

  // Visits the rows of `range` in key order, at most `row_limit` of them, as they are at one
  // moment. A table with no row identity is read whole, in any order, whatever the limit.
  virtual base::StatusOr<RowsEnd> Read(const model::Table& table, const KeyRange& range,
                                       uint64_t row_limit, RowDetail detail,
                                       RowVisitor& visitor) = 0;

  // Visits those rows that have one of `keys` (a few hundred at most), with key and values, as they
  // are at one moment, in any order. Where a key's collation takes other keys for the same, rows
  // with those are visited too.
  virtual base::Status ReadKeys(const model::Table& table, std::span<const std::string> keys,
                                RowVisitor& visitor) = 0;

  // Ends a read that is waiting for the server. From any thread.
  virtual void Cancel() = 0;
};

}  // namespace godwit::connector
