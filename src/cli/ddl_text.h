#pragma once

#include <string>
#include <vector>

#include "server/ddl_decision.h"

// What `godwit ddl` prints.
namespace godwit::cli {

std::vector<std::string> DdlLines(const std::string& task, const server::DdlStanding& standing);
std::string DdlJson(const std::string& task, const server::DdlStanding& standing);

// How many were not executed as they stood, by the tables they were about, with the last one of
// each; for `godwit status`.
struct DdlCount {
  std::string tables;
  uint64_t ignored = 0, skipped = 0, replaced = 0;
  std::string last;
};
std::vector<DdlCount> CountDdl(const std::vector<connector::DdlRecord>& records);

}  // namespace godwit::cli
