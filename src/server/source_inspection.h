#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "config/source_file.h"
#include "connector/check.h"
#include "connector/source.h"

// What is asked of a source by itself, without a task.
namespace godwit::server {

// Whether it can be connected to, is what it has to be, and has a log that can be followed. What
// hangs on tables, a task's check looks at. Changes nothing.
base::StatusOr<connector::CheckReport> CheckSource(const config::SourceFile& source);

// Whether a task can go on at all hosts of the source, each by itself, as one that has stood so:
// errors name the task. What may pass (a host that is away, or a replica that is behind) is told as
// a warning. `task`: as its checkpoint has it. Changes nothing.
base::StatusOr<std::vector<std::string>> ExpectGoesOn(const config::SourceFile& source,
                                                      const std::string& task,
                                                      const connector::LogNeed& need);

struct SchemaOverview {
  std::string name;
  uint64_t tables = 0;
};
struct TableOverview {
  std::string name;
  uint64_t estimated_rows = 0, estimated_bytes = 0;  // as the server estimates them
};
// Those of users that the source's user can see, by name.
base::StatusOr<std::vector<SchemaOverview>> ListSchemas(const config::SourceFile& source);
base::StatusOr<std::vector<TableOverview>> ListTables(const config::SourceFile& source,
                                                      const std::string& schema);

}  // namespace godwit::server
