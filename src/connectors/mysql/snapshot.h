#pragma once

#include "base/status.h"
#include "connectors/mysql/connection.h"
#include "model/position.h"

namespace godwit::connectors::mysql {

// Opens a read-only transaction that sees the server as of one position of its binlog, and gives
// that position, which is exact: MariaDB takes both at once, without a lock.
// https://mariadb.com/kb/en/enhancements-for-start-transaction-with-consistent-snapshot/
base::StatusOr<model::Position> OpenSnapshot(Connection& connection);

}  // namespace godwit::connectors::mysql
