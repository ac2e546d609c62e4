#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/status.h"
#include "wire/postgres/lsn.h"

// Messages of the streaming replication protocol, within CopyData.
// https://www.postgresql.org/docs/current/protocol-replication.html
namespace godwit::wire::postgres {

// 'w': a piece of the log, here one message of the output plugin.
struct LogData {
  // Where in the log it is from. A logical walsender says 0 where it has more to say of that place
  // (a table's Relation comes so before its row), and in `end` the same once more.
  Lsn start = 0;
  Lsn end = 0;
  int64_t send_time_us = 0;  // Unix microseconds
  std::string_view data;
};
// 'k'
struct Keepalive {
  // All before this has been read, and what committed in it has been sent. (The documentation calls
  // it the end of the log, which is further on while the walsender is behind.)
  Lsn end = 0;
  int64_t send_time_us = 0;
  bool reply_requested = false;
};
using ReplicationMessage = std::variant<LogData, Keepalive>;

// Views point into `bytes`. kDataLoss: it is neither.
base::StatusOr<ReplicationMessage> ParseReplicationMessage(std::string_view bytes);

// 'r': what has been received, and what the server need not keep for us any more, as it is applied.
std::string StandbyStatusUpdate(Lsn received, Lsn flushed, int64_t now_us, bool reply_requested);

// PostgreSQL counts microseconds from the year 2000.
int64_t UnixMicroseconds(int64_t postgres_us);

}  // namespace godwit::wire::postgres
