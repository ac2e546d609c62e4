#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/lazy_connection.h"
#include "model/position.h"
#include "model/table.h"

namespace godwit::connectors::mysql {

// Opens snapshots of which the position in the binlog is known exactly.
//
// MariaDB takes both at once, without a lock
// (https://mariadb.com/kb/en/enhancements-for-start-transaction-with-consistent-snapshot/). MySQL
// does not tell the position: there the tables in question are locked against writes from another
// connection for as long as it takes to open the snapshot and to ask for the position, which is
// milliseconds. All that was committed to them is in the log and in the snapshot by then, since the
// lock waits for transactions that have written to them. That wait is bounded, for others queue up
// behind it, and so is what the server waits for us with the lock held.
class SnapshotOpener {
 public:
  explicit SnapshotOpener(config::Endpoint endpoint) : locker_(std::move(endpoint), "source") {}

  // Begins a read-only transaction on `connection` that sees `tables` as of the position it gives.
  // kNotFound: one of them does not exist. kUnavailable: they are being written to by a transaction
  // that does not end.
  base::StatusOr<model::Position> Open(Connection& connection,
                                       const std::vector<model::TableName>& tables);

  // Ends an Open that waits; from any thread.
  void Cancel() { locker_.Cancel(); }

 private:
  base::StatusOr<model::Position> OpenLocked(Connection& locker, Connection& connection,
                                             const std::vector<model::TableName>& tables);

  LazyConnection locker_;
};

}  // namespace godwit::connectors::mysql
