#pragma once

#include <string>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/log/log_position.h"

namespace godwit::connectors::mysql {

// What a MariaDB server answers to `SHOW STATUS LIKE 'binlog_snapshot_%'`: where the log stood when
// the session's snapshot was opened, or, of a session without one, up to where the storage engine
// has committed. Two things make it another place, and then mostly one too far on:
// - The answers to all sessions pass through the same two variables of the server's, so that a
//   session may be told what another one has asked for at the same time.
// - From the time when a file is begun until the last transactions of the file before it are
//   committed, the file is the new one already.
base::StatusOr<LogPosition> ReadSnapshotPosition(Connection& connection);

// Finds a place in the log of a MariaDB server before which the storage engine has committed
// everything, which the end of the log is not: a transaction stands in the log a moment before it
// is committed, or for long, where its commit waits for a replica (semi-synchronous replication,
// AFTER_SYNC).
//
// How it is told: commits pass through the server's locks in the order of the log, one group at a
// time in each (MYSQL_BIN_LOG::trx_group_commit_leader): LOCK_log, LOCK_after_binlog_sync,
// LOCK_commit_ordered, the next one taken before the last is let go. The end of the log is read
// under the first of them, so when it has a group in a file the group before has the last one,
// which a snapshot is opened under. So all that is in earlier files is committed when a file has a
// transaction, or the server's own note that it needs no earlier file to recover
// (Binlog_checkpoint); and after that what is said of commits in this file is true.
class CommittedEnd {
 public:
  // A place that was the log's end during the call, its file and offset. Waits for commits that are
  // under way. kUnavailable: they do not end.
  base::StatusOr<LogPosition> Find(Connection& connection);
  // A file before which all is committed: what a snapshot that is opened now is said to be at is
  // true in it.
  const std::string& settled_file() const { return settled_; }

 private:
  base::StatusOr<bool> IsCommitted(Connection& connection, const LogPosition& end);
  // Whether all that is in earlier files is committed; notes it.
  base::StatusOr<bool> Settle(Connection& connection, const std::string& file);

  std::string settled_;
};

}  // namespace godwit::connectors::mysql
