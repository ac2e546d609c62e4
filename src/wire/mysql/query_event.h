#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "wire/mysql/event.h"

namespace godwit::wire::mysql {

// The session settings that a statement ran under, as its event's status variables give them. What
// the event does not hold is empty (https://mariadb.com/kb/en/query_event/#status-variables).
struct QueryStatus {
  // Bits of `flags2`.
  static constexpr uint32_t kAutoIsNull = 1u << 14;
  static constexpr uint32_t kNoCheckConstraintChecks = 1u << 15;
  static constexpr uint32_t kNotAutocommit = 1u << 19;
  static constexpr uint32_t kExplicitDefaultsForTimestamp = 1u << 24;
  static constexpr uint32_t kNoForeignKeyChecks = 1u << 26;
  static constexpr uint32_t kRelaxedUniqueChecks = 1u << 27;
  static constexpr uint32_t kIfExists = 1u << 28;       // to be run as if with IF (NOT) EXISTS
  static constexpr uint32_t kInsertHistory = 1u << 30;  // @@system_versioning_insert_history

  std::optional<uint32_t> flags2;
  std::optional<uint64_t> sql_mode;  // bits as in @@sql_mode + 0
  std::optional<uint16_t> auto_increment_increment, auto_increment_offset;
  struct Charset {
    uint16_t client = 0;  // collation ids, as in information_schema.collations
    uint16_t connection = 0;
    uint16_t server = 0;
  };
  std::optional<Charset> charset;
  std::optional<std::string_view> time_zone;
  std::optional<uint16_t> lc_time_names;
  std::optional<uint16_t> collation_database;
  std::optional<uint64_t> table_map_for_update;
  std::optional<uint32_t> microseconds;  // of the session's NOW(), after the header's timestamp
  std::optional<std::string_view> invoker_user, invoker_host;
  std::vector<std::string_view> updated_schemas;
  std::optional<uint64_t> xid;  // of a DDL, in MariaDB's recovery
  std::optional<bool> explicit_defaults_for_timestamp;
  std::optional<uint16_t> default_collation_for_utf8mb4;
  // The first variable whose size is not known: it and what came after it were not read.
  std::optional<uint8_t> unknown_variable;
};

// A statement: DDL, BEGIN, COMMIT, or a change in statement format. Views point into the body, or,
// for the statement of a compressed event, into the buffer given with it.
struct QueryEvent {
  uint32_t thread_id = 0;
  uint32_t execution_seconds = 0;
  // It used a temporary table or the number of its connection (kEventFlagThreadSpecific).
  bool thread_specific = false;
  uint16_t error_code = 0;  // what the statement ended with on the source
  std::string_view schema;  // the session's default one; may be empty
  std::string_view sql;     // in the charset `status.charset->client`
  QueryStatus status;
};

// Of a kQuery or kMariadbQueryCompressed event. `inflated` holds a compressed statement; it must
// outlive the result. kDataLoss: malformed.
base::StatusOr<QueryEvent> DecodeQuery(const Event& event, std::string& inflated);

}  // namespace godwit::wire::mysql
