#pragma once

#include <string>
#include <vector>

#include "cli/text/json_fields.h"
#include "server/ddl_decision.h"

// What is told of DDL that were not executed as they stood.
namespace godwit::cli {

// Of server::DdlJson. `decide`: how the operator decides about one that waits.
std::vector<std::string> DdlLines(const Json& ddl, const std::string& decide);

// How many were not executed as they stood, by the tables they were about, with the last one of
// each; for `godwit status`.
struct DdlCount {
  std::string tables;
  uint64_t ignored = 0, skipped = 0, replaced = 0;
  std::string last;
};
std::vector<DdlCount> CountDdl(const std::vector<connector::DdlRecord>& records);

}  // namespace godwit::cli
