#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "wire/mysql/event.h"

namespace godwit::wire::mysql {

enum class RowsKind : uint8_t { kWrite, kUpdate, kDelete };

// The rows event's head and its packed rows (https://mariadb.com/kb/en/rows_event_v1v2/; MySQL's in
// https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Rows__event.html).
struct RowsEvent {
  // Bits of `flags`.
  static constexpr uint16_t kStatementEnd = 0x0001;
  static constexpr uint16_t kNoForeignKeyChecks = 0x0002;
  static constexpr uint16_t kRelaxedUniqueChecks = 0x0004;
  static constexpr uint16_t kCompleteRows = 0x0008;
  // MySQL 9.6 and later: the log holds what foreign keys did as rows of its own.
  static constexpr uint16_t kSqlForeignKeys = 0x0010;
  static constexpr uint16_t kNoCheckConstraints = 0x0080;  // MariaDB
  // A table id that no map has: the event holds nothing but the end of its statement.
  static constexpr uint64_t kDummyTableId = 0x00ffffff;

  RowsKind kind = RowsKind::kWrite;
  uint64_t table_id = 0;
  uint16_t flags = 0;
  uint32_t column_count = 0;
  std::string_view before_columns;  // bit map of the columns in before-images; empty for kWrite
  std::string_view after_columns;   // of those in after-images; empty for kDelete
  std::string_view rows;

  // Of a Partial_update_rows event: an after-image may hold a JSON column's changes in place of its
  // value (json_diff.h).
  bool partial = false;
  // Of version 2, where the sender says it: the partition that the rows are of, and the one that an
  // update moves them from; what NDB adds for itself.
  std::optional<uint16_t> partition, source_partition;
  std::string_view ndb_info;

  bool statement_end() const { return (flags & kStatementEnd) != 0; }
  // Whether all images hold all columns.
  bool has_all_columns() const;
};

// Of a write, update or delete rows event, version 1 or 2, of MariaDB's compressed form of version
// 1, or of a Partial_update_rows event. The views point into the event's body, or, for the rows of
// a compressed one, into `inflated`; both must outlive the result. kDataLoss: malformed;
// kUnimplemented: another version.
base::StatusOr<RowsEvent> DecodeRowsEvent(const Event& event, std::string& inflated);

bool IsRowsEvent(EventType type);
// Whether a rows event, of whatever kind, is the last of its statement.
bool EndsStatement(const Event& event);

}  // namespace godwit::wire::mysql
