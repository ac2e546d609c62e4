#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "connectors/mysql/connection.h"

namespace godwit::connectors::mysql {

// What a server says of the end of its binlog.
struct LogEnd {
  std::string file;
  uint64_t offset = 0;
  std::string only, never;  // the schemas that it logs alone, and those that it does not log
};

// kFailedPrecondition: the server does not write a binlog.
base::StatusOr<LogEnd> ReadLogEnd(Connection& connection);

}  // namespace godwit::connectors::mysql
