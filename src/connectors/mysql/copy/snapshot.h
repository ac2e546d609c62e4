#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/lazy_connection.h"
#include "connectors/mysql/connection/server.h"
#include "connectors/mysql/copy/lock_turns.h"
#include "connectors/mysql/log/committed_end.h"
#include "model/position.h"
#include "model/table.h"

namespace godwit::connectors::mysql {

// When a snapshot was taken: what the log has before `low` is in it, what it has from `high` on is
// not.
struct SnapshotToken {
  model::Position low, high;
  std::chrono::microseconds locked{0};  // how long the tables could not be written to for it
};

// Whether a snapshot of a MariaDB server may lack what its log says was committed before: XA
// transactions have been committed, which is in the log a moment before the storage engine has done
// it and comes from no group of commits; or the commits of a group are not done at once
// (binlog_optimize_thread_scheduling=OFF).
base::StatusOr<bool> SnapshotsLag(Connection& connection);

// Opens snapshots of which the position in the binlog is known.
//
// Mostly a snapshot is opened between two questions: up to where the storage engine has committed
// (MySQL: `gtid_executed`; MariaDB: committed_end.h), and, afterwards, where the log ends. What the
// snapshot has lies between the two.
//
// MariaDB also tells where the snapshot itself is
// (https://mariadb.com/kb/en/enhancements-for-start-transaction-with-consistent-snapshot/), though
// not reliably (committed_end.h). Where one has to be exact, that is taken when several answers
// agree and are between the two. Where they do not, or snapshots lag (SnapshotsLag), all commits
// are held off (FLUSH TABLES WITH READ LOCK) for as long as it takes to open one; a lock of the
// tables would not do, as the session that prepared an XA transaction takes its own with it when it
// ends.
//
// MySQL does not tell. There, where one has to be exact, or the log is not read by GTIDs, the
// tables in question are locked against writes from another connection for as long as it takes to
// open the snapshot and to ask for the position, which is milliseconds. All that was committed to
// them is in the log and in the snapshot by then, since the lock waits for transactions that have
// written to them. That wait is bounded, for others queue up behind it, and so is what the server
// waits for us with the lock held.
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
  // kUnavailable: one is being written to, or a commit is under way, by a transaction that does not
  // end.
  base::StatusOr<SnapshotToken> OpenExactly(Connection& connection,
                                            const std::vector<model::TableName>& tables);
  base::StatusOr<SnapshotToken> Open(Connection& connection, const model::TableName& table);

  // Ends a call that waits; from any thread.
  void Cancel();

 private:
  base::StatusOr<SnapshotToken> OpenBetween(Connection& connection);
  // An exact one of MariaDB without a lock; nothing where answers do not agree again and again.
  base::StatusOr<std::optional<SnapshotToken>> OpenAgreed(Connection& connection);
  // `token`: of the snapshot that is open on a connection to MariaDB.
  base::StatusOr<SnapshotToken> LockIfLagging(Connection& connection,
                                              const std::vector<model::TableName>& tables,
                                              const SnapshotToken& token);
  base::StatusOr<SnapshotToken> OpenInTurn(Connection& connection,
                                           const std::vector<model::TableName>& tables);
  // `waited`: sets it where the lock was not had in time.
  base::StatusOr<SnapshotToken> OpenLocked(Connection& locker, Connection& connection,
                                           const std::vector<model::TableName>& tables,
                                           bool& waited);

  LazyConnection locker_;
  CommittedEnd committed_end_;
  bool lag_ = false;  // SnapshotsLag, which it does until the server is started again
  const bool by_gtids_;
  const std::shared_ptr<LockTurns> turns_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace godwit::connectors::mysql
