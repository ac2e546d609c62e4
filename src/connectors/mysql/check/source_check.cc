#include "connectors/mysql/check/source_check.h"

#include <absl/algorithm/container.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "connector/check_list.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/check/grants.h"
#include "connectors/mysql/check/log_reach_check.h"
#include "connectors/mysql/check/log_start_check.h"
#include "connectors/mysql/check/row_image_check.h"
#include "connectors/mysql/check/server_check.h"
#include "connectors/mysql/check/source_tables_check.h"
#include "connectors/mysql/connection/server_settings.h"
#include "connectors/mysql/copy/snapshot.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/log/log_end.h"
#include "connectors/mysql/log/prepared_xa.h"

namespace godwit::connectors::mysql {
namespace {

using connector::CheckScope;
using connector::ObjectKind;

// Bounds of what a copy takes in all, for setting its time against the log's retention.
constexpr uint64_t kSlowBytesPerSecond = 20ull << 20;
constexpr uint64_t kFastBytesPerSecond = 200ull << 20;
constexpr uint64_t kShortRetentionSeconds = 3600;

void CheckGrants(Connection& source, const CheckScope& scope, const connector::Catalog& catalog,
                 connector::CheckList& list) {
  constexpr std::string_view kName = "grants";
  auto grants = Grants::Read(source);
  if (!grants.ok()) return list.Unknown(kName, grants.status());
  auto account = CurrentAccount(source);
  if (!account.ok()) return list.Unknown(kName, account.status());
  MissingGrants missing(*grants, *account);
  missing.NeedGlobally(
      {"REPLICATION SLAVE", source.is_mysql() ? "REPLICATION CLIENT" : "BINLOG MONITOR"});
  if (!source.is_mysql()) {
    const auto lags = SnapshotsLag(source);
    if (lags.ok() && *lags) missing.NeedGlobally({"RELOAD"});  // snapshot.h
  }
  std::vector<std::string> in_part;
  for (const connector::CatalogSchema& schema : catalog.schemas) {
    if (!grants->Has("SELECT", schema.name)) in_part.push_back(schema.name);
    std::vector<std::string> of_objects;
    if (source.is_mysql()) of_objects.emplace_back("LOCK TABLES");  // snapshot.h
    auto asked = [&](ObjectKind kind) {
      return std::find(scope.objects.begin(), scope.objects.end(), kind) != scope.objects.end();
    };
    if (asked(ObjectKind::kTrigger)) of_objects.emplace_back("TRIGGER");
    if (asked(ObjectKind::kEvent)) of_objects.emplace_back("EVENT");
    missing.NeedIn(schema.name, of_objects);
    auto views = source.QueryValue(
        fmt::format("SELECT COUNT(*) FROM information_schema.tables WHERE table_type = 'VIEW' AND "
                    "table_schema = {}",
                    QuoteText(schema.name)));
    if (views.ok() && *views != "0") missing.NeedIn(schema.name, {"SHOW VIEW"});
    if (asked(ObjectKind::kRoutine) && !source.is_mysql())
      missing.NeedOn({"mysql", "proc"}, "SELECT");
  }
  if (source.is_mysql() && absl::c_linear_search(scope.objects, ObjectKind::kRoutine))
    missing.NeedGlobally({"SHOW_ROUTINE"});
  for (const connector::CatalogTable& table : catalog.tables)
    missing.NeedOn(table.definition.table->name, "SELECT");
  if (!missing.empty()) return list.Fail(kName, missing.Finding(), missing.Remedy());
  if (!in_part.empty()) {
    return list.Warn(
        kName,
        fmt::format("only single tables are granted in {}: others that match are not seen",
                    connector::Enumerate(in_part)),
        fmt::format("GRANT SELECT ON {}.* TO {}; unless that is meant", QuoteName(in_part[0]),
                    *account));
  }
  list.Pass(kName, fmt::format("{} has the rights that are needed", *account));
}

// The log says which rows changed, and of every schema.
void CheckLogFormat(const Settings& settings, connector::CheckList& list) {
  const std::string format = Setting(settings, "binlog_format");
  if (format == "ROW")
    list.Pass("binlog_format", format);
  else {
    list.Fail("binlog_format",
              fmt::format("{}: the log does not say which rows a statement changed", format),
              "SET GLOBAL binlog_format = 'ROW'; in the server's file too; sessions that are open "
              "keep the old one until they "
              "connect again");
  }
}

void CheckLogFilters(const LogEnd& log, const connector::Catalog& catalog,
                     connector::CheckList& list) {
  auto names = [](const std::string& text, const std::string& schema) {
    const std::vector<std::string> parts = absl::StrSplit(text, ',');
    return std::find(parts.begin(), parts.end(), schema) != parts.end();
  };
  std::vector<std::string> left_out;
  for (const connector::CatalogSchema& schema : catalog.schemas) {
    if ((!log.only.empty() && !names(log.only, schema.name)) || names(log.never, schema.name))
      left_out.push_back(schema.name);
  }
  list.Offenders("log filters", connector::CheckResult::kFail, left_out,
                 "every schema of the task is logged", "changes are not logged of",
                 "take the schemas out of binlog_ignore_db, or put them into binlog_do_db, in the "
                 "server's file and restart it");
}

base::StatusOr<bool> IsReplica(Connection& source) {
  if (source.is_mysql()) {
    GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> channels, source.Query("SHOW REPLICA STATUS"));
    return !channels.empty();
  }
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> running,
                          source.Query("SHOW GLOBAL STATUS LIKE 'Slaves_running'"));
  return !running.empty() && running[0][1] != "0";
}

// A replica without log_slave_updates does not log what it is sent.
void CheckReplicated(Connection& source, const Settings& settings, connector::CheckList& list) {
  const std::string_view name = source.is_mysql() ? "log_replica_updates" : "log_slave_updates";
  auto replica = IsReplica(source);
  if (!replica.ok()) return list.Unknown(name, replica.status());
  if (!*replica) return list.Pass(name, "not a replica");
  if (Setting(settings, name) == "ON")
    return list.Pass(name, "ON: what this replica is sent is in its log");
  list.Fail(
      name, "OFF, and the server is a replica: what it is sent is not in its log",
      fmt::format("set {} in the server's file and restart it, or migrate from its primary", name));
}

void CheckServerId(const Settings& settings, uint32_t replica_id, connector::CheckList& list) {
  const uint64_t id = NumberSetting(settings, "server_id");
  if (id != 0 && id != replica_id)
    return list.Pass("server_id", fmt::format("{}; godwit reads the log as {}", id, replica_id));
  list.Fail("server_id",
            id == 0 ? "0: the server sends its log to nobody"
                    : fmt::format("{}: the one godwit would use", id),
            "SET GLOBAL server_id = 1; or another number that no server of the same replication "
            "has, in the server's file too");
}

std::string Duration(uint64_t seconds) {
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 2 * 3600) return fmt::format("{} min", seconds / 60);
  return seconds < 48 * 3600 ? fmt::format("{} h", seconds / 3600)
                             : fmt::format("{} days", seconds / 86400);
}

// The log from the copy's start on is read when the copy has ended.
void CheckRetention(const Settings& settings, const CheckScope& scope,
                    const connector::Catalog& catalog, connector::CheckList& list) {
  constexpr std::string_view kName = "log retention";
  if (const uint64_t total = NumberSetting(settings, "max_binlog_total_size"); total != 0) {
    return list.Warn(
        kName, fmt::format("max_binlog_total_size keeps {} MiB of log, however old", total >> 20),
        "SET GLOBAL max_binlog_total_size = 0; for the time of the migration");
  }
  const uint64_t kept = NumberSetting(settings, "binlog_expire_logs_seconds");
  if (kept == 0)
    return list.Pass(kName, "logs do not expire; `PURGE BINARY LOGS` must wait for the copy");
  uint64_t bytes = 0;
  for (const connector::CatalogTable& table : catalog.tables) bytes += table.estimated_bytes;
  if (!scope.copies) return list.Pass(kName, fmt::format("logs are kept for {}", Duration(kept)));
  const uint64_t slow = bytes / kSlowBytesPerSecond, fast = bytes / kFastBytesPerSecond;
  const std::string finding =
      fmt::format("logs are kept for {}; a copy of {} MiB takes about {} at {} MiB/s",
                  Duration(kept), bytes >> 20, Duration(slow), kSlowBytesPerSecond >> 20);
  const std::string remedy =
      fmt::format("SET GLOBAL binlog_expire_logs_seconds = {}; for the time of the migration",
                  std::max<uint64_t>(7 * 86400, 4 * slow));
  if (kept < fast) return list.Fail(kName, finding, remedy);
  if (kept < slow || kept < kShortRetentionSeconds) return list.Warn(kName, finding, remedy);
  list.Pass(kName, finding);
}

// A task begins when those that are prepared have ended, and has to know which these are.
void CheckXa(Connection& source, const CheckScope& scope, connector::CheckList& list) {
  constexpr std::string_view kName = "XA transactions";
  auto prepared = PreparedXa(source);
  if (!prepared.ok()) return list.Unknown(kName, prepared.status());
  auto ever = source.Query("SHOW GLOBAL STATUS LIKE 'Com_xa_prepare'");
  if (!ever.ok()) return list.Unknown(kName, ever.status());
  const std::string count = ever->empty() ? "0" : (*ever)[0][1].value_or("0");
  if (!*prepared) {
    if (count == "0") return list.Pass(kName, "none was prepared since the server started");
    return list.Warn(
        kName,
        fmt::format("{} were prepared since the server started; whether one is now is not told, "
                    "and the commit of one that was prepared before the task began would stop it",
                    count),
        "GRANT XA_RECOVER_ADMIN ON *.* TO the source's user");
  }
  if (!(*prepared)->empty() && scope.resume_at.empty()) {
    return list.Warn(kName,
                     fmt::format("{} prepared: the task waits for them, ten seconds at most, "
                                 "before it begins",
                                 (*prepared)->size()),
                     "end those that XA RECOVER lists with XA COMMIT or XA ROLLBACK");
  }
  list.Pass(kName, fmt::format("{} prepared now", (*prepared)->size()));
}

}  // namespace

connector::CheckReport CheckSource(const Server& server, Connection& source,
                                   const CheckScope& scope, uint32_t replica_id,
                                   bool relay_has_log) {
  connector::CheckList list("source");
  auto settings = ReadSettings(source);
  if (!settings.ok()) {
    list.Unknown("connection", settings.status());
    return list.Take();
  }
  CheckServer(source, list);
  // What cannot be read is reported where all tables are: this here goes on without it.
  connector::Catalog catalog;
  if (auto read = ReadCatalog(source, scope.filter, {}); read.ok()) catalog = *std::move(read);
  CheckGrants(source, scope, catalog, list);
  if (Setting(*settings, "log_bin") == "ON") {
    list.Pass("log_bin", "ON");
    CheckLogFormat(*settings, list);
    CheckRowImage(source, *settings, catalog, list);
    CheckServerId(*settings, replica_id, list);
    if (auto log = ReadLogEnd(source); log.ok()) CheckLogFilters(*log, catalog, list);
    CheckReplicated(source, *settings, list);
    CheckRetention(*settings, scope, catalog, list);
    if (relay_has_log)
      list.Pass("log position", "the relay has the log from where the task stands");
    else
      CheckLogReach(server, source, *settings, scope, replica_id ^ 1, list);
    if (!scope.start_at.empty())
      CheckLogStart(server, source, scope.start_at, replica_id ^ 1, list);
  } else {
    list.Fail("log_bin",
              "OFF: there is no log to take changes from, nor to tell when a row was read",
              "set log_bin and binlog_format=ROW in the server's file and restart it");
  }
  CheckXa(source, scope, list);
  CheckSourceTables(source, *settings, scope, catalog, list);
  return list.Take();
}

}  // namespace godwit::connectors::mysql
