#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "connectors/mysql/log/log_reader.h"
#include "connectors/mysql/relay/file_facts.h"
#include "connectors/mysql/relay/relay_files.h"

namespace godwit::connectors::mysql {

// Writes to a relay's files what a server sends of its log: all that is in the server's files, at
// its place there, and nothing that the server made up to send it. One thread.
class RelayWriter {
 public:
  // From the end of the files on, of which there is at least one.
  static base::StatusOr<RelayWriter> Open(RelayFiles& files);

  // What the reader, which is borrowed, gave last. kFailedPrecondition: this is not the log that
  // the files are of, or cannot be kept. kDataLoss: it is not what comes next.
  base::Status Take(const LogReader& reader, const LogReader::Item& item);
  // Has everything taken come into the files.
  base::Status Flush();

 private:
  RelayWriter(RelayFiles& files, RelayFiles::Place end, std::optional<FileHead> head)
      : files_(files), end_(std::move(end)), head_(head) {}
  base::Status GoOnIn(const std::string& file);
  base::Status TakeFormat(const LogReader::Item& item);
  base::Status Add(const LogReader::Item& item);

  RelayFiles& files_;
  RelayFiles::Place end_;         // with what is in buffer_
  std::optional<FileHead> head_;  // of that file, where it was there before
  std::string buffer_;
};

}  // namespace godwit::connectors::mysql
