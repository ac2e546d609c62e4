#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "wire/mysql/event.h"
#include "wire/mysql/mysql_gtid.h"

// What a binlog file on this machine's disk says of itself.
namespace godwit::connectors::mysql {

// Of a file that may have been cut anywhere.
struct WholeEvents {
  uint64_t bytes = 0;      // up to the end of the last one; 0: it does not begin as a binlog does
  bool ends_file = false;  // that one says that the log goes on in another file
  bool checked = true;     // they have checksums; without, nothing tells what was written of them
};
// What comes after an event that is not whole is not looked at.
base::StatusOr<WholeEvents> FindWholeEvents(const std::string& path);

// What tells a file from another one of the same name: its first event, the format description.
struct FileHead {
  uint32_t timestamp = 0, server_id = 0;
  wire::mysql::Checksum checksum = wire::mysql::Checksum::kNone;
};
// kDataLoss: it has none.
base::StatusOr<FileHead> ReadFileHead(const std::string& path);

// All GTIDs of the files before one of MySQL's; nothing: it does not say, as when it has just been
// begun.
base::StatusOr<std::optional<wire::mysql::MysqlGtidSet>> ReadPreviousGtids(const std::string& path);

}  // namespace godwit::connectors::mysql
