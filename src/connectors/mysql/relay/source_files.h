#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"

// The files of a source's binlog, and whether a relay may keep them.
namespace godwit::connectors::mysql {

struct SourceFile {
  std::string name;
  uint64_t number = 0, bytes = 0;
  bool encrypted = false;  // as far as the server tells it of each: MySQL from 8.0.14 on
};

// As SHOW BINARY LOGS lists them: name and size, and whether it is encrypted.
std::vector<SourceFile> ToSourceFiles(const std::vector<ResultRow>& rows);
// Oldest first, at least one. kFailedPrecondition: it writes none.
base::StatusOr<std::vector<SourceFile>> ListSourceFiles(Connection& connection);

// kPermissionDenied: what is encrypted there is not to lie here in clear text, which is how it is
// sent.
base::Status ExpectClear(const SourceFile& file);
// The same of what the source writes from now on.
base::Status ExpectClear(Connection& connection);

}  // namespace godwit::connectors::mysql
