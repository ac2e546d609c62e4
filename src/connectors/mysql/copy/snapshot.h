#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/lazy_connection.h"
#include "connectors/mysql/connection/server.h"
#include "connectors/mysql/copy/lock_turns.h"
#include "model/position.h"
#include "model/table.h"

namespace godwit::connectors::mysql {

// When a snapshot was taken: what the log has before `low` is in it, what it has from `high` on is
// not.
struct SnapshotToken {
  model::Position low, high;
  std::chrono::microseconds locked{0};  // how long the tables could not be written to for it
};

// Whether an XA transaction may have been in the midst of its commit up to now.
base::StatusOr<bool> HasXaCommits(Connection& connection);

// Opens snapshots of which the position in the binlog is known.
//
// MariaDB takes both at once, without a lock
// (https://mariadb.com/kb/en/enhancements-for-start-transaction-with-consistent-snapshot/), which
// holds for all but XA transactions: their XA COMMIT is in the log a moment before the storage
// engine has done it, and the snapshot may be taken in between. So where there have been any since
// the server started, all commits are held off (FLUSH TABLES WITH READ LOCK) for as long as it
// takes to open the snapshot; a lock of the tables would not do, as the session that prepared the
// transaction takes its own with it when it ends.
//
// MySQL does not tell the position. There, where one has to be exact, the tables in question are
// locked against writes from another connection for as long as it takes to open the snapshot and to
// ask for the position, which is milliseconds. All that was committed to them is in the log and in
// the snapshot by then, since the lock waits for transactions that have written to them. That wait
// is bounded, for others queue up behind it, and so is what the server waits for us with the lock
// held.
//
// Elsewhere, and where the log of a MySQL server is read by GTIDs, the snapshot is opened between
// two questions: a transaction is in `gtid_executed` once the storage engine has committed it, and
// in the log before that. (The end of the log itself is no lower bound, for this reason.)
//
// Locks are taken in turns (lock_turns.h).
class SnapshotOpener {
 public:
  // `by_gtids`: positions with GTIDs can be compared with those of the change stream. `turns` are
  // those of all readers of the source.
  SnapshotOpener(Server server, bool by_gtids, std::shared_ptr<LockTurns> turns)
      : locker_(std::move(server), "source"), by_gtids_(by_gtids), turns_(std::move(turns)) {}

  // Both begin a read-only transaction on `connection`; the first one's token is exact. kNotFound:
  // a table does not exist (the second may leave that to the first question about it).
  // kUnavailable: one is being written to by a transaction that does not end.
  base::StatusOr<SnapshotToken> OpenExactly(Connection& connection,
                                            const std::vector<model::TableName>& tables);
  base::StatusOr<SnapshotToken> Open(Connection& connection, const model::TableName& table);

  // Ends a call that waits; from any thread.
  void Cancel();

 private:
  // `waited`: sets it where the lock was not had in time.
  base::StatusOr<SnapshotToken> OpenLocked(Connection& locker, Connection& connection,
                                           const std::vector<model::TableName>& tables,
                                           bool& waited);

  LazyConnection locker_;
  const bool by_gtids_;
  const std::shared_ptr<LockTurns> turns_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace godwit::connectors::mysql
