#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/endpoint.h"
#include "config/task.h"

// A source of a cluster, which tasks name. docs/source-file.md is its reference; a unit test holds
// the two together.
namespace godwit::config {

struct SourceFile {
  std::string name;            // [a-z0-9_-]{1,64}; required
  Endpoint endpoint;           // required
  SlotWalOptions slot_wal;     // of a PostgreSQL source
  StreamingOptions streaming;  // likewise
  bool relay = false;          // its worker keeps the log; not of PostgreSQL
  RelayOptions relay_limits;   // of that; the folder is the worker's to say

  std::vector<std::string> warnings;  // each "file:line:column: message"
};

// Parses and checks the text of a source file; as ParseTask, with the same errors. It is read by
// whichever worker has the source: paths have to be absolute, and a password must not stand in it.
absl::StatusOr<SourceFile> ParseSourceFile(std::string_view text, const std::string& file_name);

}  // namespace godwit::config
