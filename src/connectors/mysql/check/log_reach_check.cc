#include "connectors/mysql/check/log_reach_check.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "connectors/mysql/log/log_dialect.h"
#include "connectors/mysql/log/log_position.h"
#include "connectors/mysql/log/log_reader.h"
#include "wire/mysql/mysql_gtid.h"

namespace godwit::connectors::mysql {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;
using wire::mysql::MysqlGtidSet;

constexpr std::string_view kName = "log position";
constexpr seconds kShortNotice = std::chrono::hours(1);
constexpr seconds kPatience(5);
constexpr uint64_t kBegin = 4;  // of a file's events

// When a file of the log was begun, which is when the one before it was last written to.
base::StatusOr<system_clock::time_point> WhenBegun(const Server& server, const std::string& file,
                                                   uint32_t replica_id) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::Open(server, "source", Connection::Text::kBinary));
  LogReader reader(PacketChannel(connection.get()), "source: reading the binlog");
  GODWIT_RETURN_IF_ERROR(
      reader.Prepare(*connection, LogPlace(file, kBegin, LogPlace::Asked::kByOffset)));
  GODWIT_RETURN_IF_ERROR(RequestByOffset(reader.channel(), file, kBegin, replica_id));
  while (true) {
    if (!reader.has_next()) {
      GODWIT_ASSIGN_OR_RETURN(const bool readable, reader.Wait(kPatience));
      if (!readable) return base::Unavailable("source: it does not send its log");
    }
    GODWIT_ASSIGN_OR_RETURN(const LogReader::Item item, reader.Next());
    const uint32_t timestamp = item.event.header.timestamp;
    if (timestamp != 0) return system_clock::time_point(seconds(timestamp));
  }
}

// What the task still needs and the server has no more; empty: nothing.
base::StatusOr<std::string> PurgedTransactions(Connection& source, const std::string& has) {
  GODWIT_ASSIGN_OR_RETURN(const MysqlGtidSet mine, MysqlGtidSet::Parse(has));
  GODWIT_ASSIGN_OR_RETURN(const std::string text, source.QueryValue("SELECT @@GLOBAL.gtid_purged"));
  GODWIT_ASSIGN_OR_RETURN(MysqlGtidSet purged, MysqlGtidSet::Parse(text));
  purged.Subtract(mine);
  return purged.ToString();
}

// Whether the log was purged that the task needs, in words; empty: it was not.
base::StatusOr<std::string> Purged(Connection& source, const LogPosition& position,
                                   const std::vector<ResultRow>& logs) {
  const bool by_gtids = source.is_mysql() && !position.gtids.empty();
  if (by_gtids) {
    GODWIT_ASSIGN_OR_RETURN(const std::string purged, PurgedTransactions(source, position.gtids));
    if (!purged.empty()) {
      return fmt::format(
          "the task lacks transactions that the source has purged from its log: {}{}",
          purged.substr(0, 200), purged.size() > 200 ? "..." : "");
    }
  }
  // A GTID alone, of MariaDB: the server knows when it is asked for the log.
  if (position.file.empty()) return std::string();
  for (const std::string& file : position.FilesNeeded()) {
    const bool kept =
        std::any_of(logs.begin(), logs.end(), [&](const ResultRow& row) { return row[0] == file; });
    const bool needed = file != position.file || !by_gtids;
    if (kept || !needed) continue;
    if (file != position.file) {
      return fmt::format(
          "XA transactions are prepared whose changes were in {}, which was purged "
          "from the source",
          file);
    }
    return fmt::format("the task stands at {}:{}, which was purged from the source", position.file,
                       position.offset);
  }
  return std::string();
}

// The file in which the task stands ended when the one after it was begun.
void Forecast(const Server& server, const Settings& settings, const LogPosition& position,
              const std::vector<ResultRow>& logs, uint32_t replica_id, connector::CheckList& list) {
  const std::string where =
      fmt::format("the task stands at {}:{}, which is kept", position.file, position.offset);
  const seconds kept(NumberSetting(settings, "binlog_expire_logs_seconds"));
  if (kept == seconds(0) || Setting(settings, "binlog_expire_logs_auto_purge") == "OFF")
    return list.Pass(kName, where + " until `PURGE BINARY LOGS`");
  const std::string oldest = position.FilesNeeded().front();
  const auto file = std::find_if(logs.begin(), logs.end(),
                                 [&](const ResultRow& row) { return row[0] == oldest; });
  if (file == logs.end()) return list.Pass(kName, where);
  if (file + 1 == logs.end()) {
    return list.Pass(kName, fmt::format("{}: the server is free to purge it {} s after its file "
                                        "has ended",
                                        where, kept.count()));
  }
  const auto ended = WhenBegun(server, (*(file + 1))[0].value_or(""), replica_id);
  if (!ended.ok()) return list.Pass(kName, where);
  const auto until = std::chrono::floor<seconds>(*ended + kept);
  const std::string finding = fmt::format("{}; the server is free to purge it from {:%F %T} UTC on",
                                          where, fmt::gmtime(system_clock::to_time_t(until)));
  if (until - system_clock::now() > kShortNotice) return list.Pass(kName, finding);
  list.Warn(kName, finding,
            fmt::format("SET GLOBAL binlog_expire_logs_seconds = {}; until the task has caught up",
                        (kept + std::chrono::hours(7 * 24)).count()));
}

}  // namespace

void CheckLogReach(const Server& server, Connection& source, const Settings& settings,
                   const connector::CheckScope& scope, uint32_t replica_id,
                   connector::CheckList& list) {
  if (scope.resume_at.empty()) return;
  auto position = LogPosition::Parse(scope.resume_at);
  if (!position.ok()) return list.Unknown(kName, position.status());
  auto logs = source.Query("SHOW BINARY LOGS");
  if (!logs.ok()) return list.Unknown(kName, logs.status());
  auto purged = Purged(source, *position, *logs);
  if (!purged.ok()) return list.Unknown(kName, purged.status());
  if (!purged->empty()) return list.Fail(kName, *purged, "copy anew with `godwit run --restart`");
  if (position->file.empty()) return;
  Forecast(server, settings, *position, *logs, replica_id, list);
}

}  // namespace godwit::connectors::mysql
