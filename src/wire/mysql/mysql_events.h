#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/status.h"
#include "wire/mysql/event.h"
#include "wire/mysql/mysql_gtid.h"

// Events of MySQL's logs that MariaDB's do not have
// (https://dev.mysql.com/doc/dev/mysql-server/latest/group__GroupLibsMysqlBinlogEvent.html). Views
// point into the event's body; every decoder gives kDataLoss for a body that is too short or
// contradicts itself. Three further ones are passed over by their role, knowingly: View_change and
// Transaction_context are of group replication's own use, and Stop says that a server went down.
namespace godwit::wire::mysql {

// Gtid, Anonymous_gtid (where gtid_mode is OFF) or, for a GTID with a tag, Gtid_tagged_log: the
// beginning of a transaction or of a lone statement.
//
// The first two are fixed: flags (1 byte), UUID (16), number (8), the type of the logical clock (1,
// always 2) and its two values (8 each); then, in servers since 8.0.1, the commit times (7 each)
// and what follows them. Of two times and of two versions the second is there only where the
// highest bit of the first is set.
//
// The third is a message in MySQL's serialization format (serialization.h): version (always 1),
// size of the message, the last field that a reader must know, then fields in ascending order, each
// behind its number. All numbers are variable-length ones:
//   0 flags, 1 UUID (16 numbers), 2 number (signed), 3 tag (its size first), 4 and 5 the logical
//   clock (signed), 6 immediate commit time, 7 original one, 8 length of the transaction,
//   9 immediate server version, 10 original one, 11 ticket of the commit group.
// Fields 7, 10 and 11 are left out where they say nothing new.
struct MysqlGtidEvent {
  std::optional<MysqlGtid> gtid;  // nothing in an Anonymous_gtid event
  // False: everything in the transaction is in row format.
  bool may_have_statements = true;
  // Transactions whose `last_committed` is before another's `sequence_number` in one file may be
  // applied beside it.
  int64_t last_committed = 0, sequence_number = 0;
  // In microseconds since 1970, on the server that the log is read from and on the one that the
  // transaction came from; 0 where the log does not say.
  uint64_t immediate_commit_us = 0, original_commit_us = 0;
  uint64_t transaction_length = 0;  // bytes in the log, this event among them; 0: not known
  // As in 80036 and 90704; 0: not known.
  uint32_t immediate_server_version = 0, original_server_version = 0;
  uint64_t commit_group_ticket = 0;
};
base::StatusOr<MysqlGtidEvent> DecodeMysqlGtid(const Event& event);

// Previous_gtids: the second event of every file holds all GTIDs of the files before it.
base::StatusOr<MysqlGtidSet> DecodePreviousGtids(std::string_view body);

// Rows_query: the statement that the rows which follow came from (binlog_rows_query_log_events), in
// the client's charset.
struct RowsQueryEvent {
  std::string_view sql;
};
base::StatusOr<RowsQueryEvent> DecodeRowsQuery(std::string_view body);

// Heartbeat_v2: sent in idle times, where asked for. A list of fields of the form type, length,
// value: 1 the file, 2 the position; type 0 ends it. Others are passed over.
struct HeartbeatV2Event {
  std::string_view file;
  uint64_t position = 0;
};
base::StatusOr<HeartbeatV2Event> DecodeHeartbeatV2(std::string_view body);

}  // namespace godwit::wire::mysql
