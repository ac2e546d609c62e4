#pragma once

#include <optional>
#include <string_view>

#include "base/status.h"
#include "wire/mysql/event.h"

namespace godwit::wire::mysql {

// Goes through the events of a binlog file whose bytes are in memory. The bytes must outlive the
// reader and its events. Not thread-safe.
class BinlogFile {
 public:
  // kDataLoss: no binlog's magic number at the beginning.
  static base::StatusOr<BinlogFile> Open(std::string_view bytes);

  // The next event; nothing at the end. kDataLoss, with the offset: an event that is cut off or
  // corrupt.
  base::StatusOr<std::optional<Event>> Next();
  size_t offset() const { return offset_; }  // of the next event

 private:
  explicit BinlogFile(std::string_view bytes);

  std::string_view bytes_;
  size_t offset_;
  EventFramer framer_;
};

}  // namespace godwit::wire::mysql
