#include "connectors/mysql/snapshot.h"

#include "base/text.h"
#include "connectors/mysql/log_position.h"

namespace godwit::connectors::mysql {

base::StatusOr<model::Position> OpenSnapshot(Connection& connection) {
  GODWIT_RETURN_IF_ERROR(
      connection.Execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY").status());
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows,
                          connection.Query("SHOW STATUS LIKE 'binlog_snapshot_%'"));
  LogPosition position;
  for (const ResultRow& row : rows) {
    if (row[0] == "Binlog_snapshot_file") position.file = row[1].value_or("");
    if (row[0] == "Binlog_snapshot_position") {
      position.offset = base::ParseInteger<uint64_t>(row[1].value_or("")).value_or(0);
    }
  }
  if (position.file.empty()) {
    return base::FailedPrecondition(
        "{}: the server does not write a binlog, so that a snapshot has no position; "
        "set log_bin on it and restart it",
        connection.side());
  }
  return position.ToPosition();
}

}  // namespace godwit::connectors::mysql
