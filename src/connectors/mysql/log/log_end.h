#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"

namespace godwit::connectors::mysql {

// What a server says of the end of its binlog.
struct LogEnd {
  std::string file;
  uint64_t offset = 0;
  std::string only, never;  // the schemas that it logs alone, and those that it does not log
};

// kFailedPrecondition: the server does not write a binlog.
base::StatusOr<LogEnd> ReadLogEnd(Connection& connection);

// The transactions that a MySQL server has committed, in canonical form: all others come later in
// its log, or stand in it while the storage engine is yet to commit them. Empty: the server gives
// no GTIDs, or not to all transactions.
base::StatusOr<std::string> ExecutedGtids(Connection& connection);

}  // namespace godwit::connectors::mysql
