#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"
#include "model/change.h"
#include "model/table.h"

namespace godwit::connectors::mysql {

// The end of a version that still holds, in UTC.
inline constexpr std::string_view kStillHolds = "2038-01-19 03:14:07.999999";

// Whether a row of a system-versioned table is a version that still holds.
bool StillHolds(const model::Table& table, model::Row row);

// Whether a row of SHOW WARNINGS says that the last partition for history takes in what is newer
// than its interval: nothing is lost, and on the source it was so too.
bool IsAboutPartitions(const ResultRow& warning);

// Makes of what the log says about the rows of system-versioned tables what was done to them.
//
// The log holds the physical work (10.11, sql_delete.cc and TABLE::delete_row, sql_update.cc and
// vers_insert_history_row): a delete is an update of the row's end; an update is followed at once
// by the insert of the version before, with its end, unless that would have held for no time at
// all. The insert is left out, as every server makes that row by itself. A delete that would leave
// a version twice, or one that ended before it began, is logged as a delete, as is DELETE HISTORY.
class RowHistory {
 public:
  // Adjusts an event; false: it says nothing new. `event.table` is system-versioned by timestamps.
  // kFailedPrecondition: an update without its insert.
  base::StatusOr<bool> Take(model::ChangeEvent& event);
  // At the end of a transaction: no insert may be missing.
  base::Status Finish();

 private:
  // The period of the version whose insert follows.
  struct Version {
    std::string start, end;
  };
  std::map<model::TableName, Version> expected_;
};

}  // namespace godwit::connectors::mysql
