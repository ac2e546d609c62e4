#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "pipeline/progress.h"
#include "server/report_json.h"
#include "server/task_status.h"

// How each table of a run stands, in the words that people are told.
namespace godwit::server {

// What a table may be in: waiting, copying, copied, catching-up, streaming, finished, dropped,
// error.
const std::vector<std::string>& TableStates();

// How many are in which state, and those that are not well.
TaskStatus::Tables CountTables(const pipeline::Progress& progress);

// Which tables are asked for, a page at a time in the order of their names.
struct TableQuery {
  static constexpr size_t kMost = 1000;
  std::string state;  // empty: any; "not-well": with an error, or not followed as it should be
  std::string after;  // the last one of the page before, SCHEMA.TABLE; empty: from the first
  size_t most = 100;
};
// kInvalidArgument: there is no such state, or the page is too large.
base::Status CheckTableQuery(const TableQuery& query);

// {"tables": [{"name", "state", "problem", "ranges", "ranges_done", "rows", "rows_estimate",
// "bytes", "changes"}], "next": the name to ask on after, or null}
Json TablesJson(const pipeline::Progress& progress, const TableQuery& query);

}  // namespace godwit::server
