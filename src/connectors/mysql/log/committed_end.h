#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/log/log_position.h"

namespace godwit::connectors::mysql {

// What a MariaDB server answers to `SHOW STATUS LIKE 'binlog_snapshot_%'`: where the log stood when
// the session's snapshot was opened, or, of a session without one, up to where the storage engine
// has committed. It may be another place, and then mostly one too far on:
// - The answers to all sessions pass through the same two variables of the server's, so that a
//   session may be told what another one has asked for at the same time.
// - From the time when a file is begun until the last transactions of the file before it are
//   committed, the file is the new one already.
// - When the server notes in its log that it needs no earlier file to recover (Binlog_checkpoint),
//   it is the end of that note, whatever before it is not committed.
struct SnapshotAnswer {
  LogPosition position;       // file and offset
  bool commits_wait = false;  // for a replica
};
base::StatusOr<SnapshotAnswer> AskSnapshotPosition(Connection& connection);

// Finds a place in the log of a MariaDB server before which the storage engine has committed
// everything, which the end of the log is not: a transaction stands in the log a moment before it
// is committed, or for long, where its commit waits for a replica (semi-synchronous replication,
// AFTER_SYNC).
//
// How it is told where others are written: commits pass through the server's locks in the order of
// the log, one group at a time in each (MYSQL_BIN_LOG::trx_group_commit_leader): LOCK_log,
// LOCK_after_binlog_sync, LOCK_commit_ordered, the next one taken before the last is let go. A
// snapshot is opened under the last of them, and the end of the log is read under the first. So
// once a later group has left the first lock, all before it have had the last.
//
// Where none is written any more: the server says that it has committed up to the end, no commit
// waits for a replica, and the file has a transaction, or a note that it is the first that is
// needed to recover.
class CommittedEnd {
 public:
  // A place that was the log's end during the call, its file and offset. Waits for commits that are
  // under way. kUnavailable: they do not end; kCancelled: `cancelled`, which another thread sets.
  base::StatusOr<LogPosition> Find(Connection& connection, const std::atomic<bool>& cancelled);

 private:
  base::StatusOr<bool> IsCommitted(Connection& connection, const LogPosition& end);
  // Whether all that is in earlier files is committed.
  base::StatusOr<bool> IsSettled(Connection& connection, const std::string& file);

  std::string settled_;  // a file that is
};

// Whether the log has such an event ("Gtid": a transaction begins) between two places of a file;
// also if that cannot be told.
base::StatusOr<bool> HasEventBetween(Connection& connection, std::string_view type,
                                     const LogPosition& from, const LogPosition& to);

}  // namespace godwit::connectors::mysql
