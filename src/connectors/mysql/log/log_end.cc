#include "connectors/mysql/log/log_end.h"

#include "base/text.h"
#include "wire/mysql/mysql_gtid.h"

namespace godwit::connectors::mysql {
namespace {

// MySQL 8.2 gave the statement another name, and 8.4 forgot the old one.
constexpr unsigned long kRenamed = 80200;

}  // namespace

base::StatusOr<LogEnd> ReadLogEnd(Connection& connection) {
  const bool renamed = connection.is_mysql() && connection.version_number() >= kRenamed;
  GODWIT_ASSIGN_OR_RETURN(
      std::vector<ResultRow> rows,
      connection.Query(renamed ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS"));
  if (rows.empty()) {
    return base::FailedPrecondition(
        "{}: it does not write a binlog; set log_bin and binlog_format=ROW on it and restart it",
        connection.side());
  }
  const ResultRow& row = rows.front();
  return LogEnd{row[0].value_or(""), base::ParseInteger<uint64_t>(row[1].value_or("")).value_or(0),
                row[2].value_or(""), row[3].value_or("")};
}

base::StatusOr<std::string> ExecutedGtids(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows,
                          connection.Query("SELECT @@GLOBAL.gtid_mode, @@GLOBAL.gtid_executed"));
  if (rows.empty() || rows[0][0] != "ON") return std::string();
  GODWIT_ASSIGN_OR_RETURN(const wire::mysql::MysqlGtidSet set,
                          wire::mysql::MysqlGtidSet::Parse(rows[0][1].value_or("")));
  return set.ToString();
}

}  // namespace godwit::connectors::mysql
