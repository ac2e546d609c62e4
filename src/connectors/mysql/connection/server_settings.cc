#include "connectors/mysql/connection/server_settings.h"

#include "base/text.h"

namespace godwit::connectors::mysql {
namespace {

constexpr std::string_view kTestedMariadb = "10.11.", kTestedMysql = "9.7.";

constexpr std::string_view kNames =
    "'binlog_annotate_row_events', 'binlog_expire_logs_auto_purge', "
    "'binlog_expire_logs_seconds', 'binlog_format', 'binlog_row_image', "
    "'binlog_row_value_options', 'datadir', "
    "'explicit_defaults_for_timestamp', 'hostname', 'innodb_data_file_path', "
    "'innodb_file_per_table', 'innodb_native_foreign_keys', 'innodb_strict_mode', "
    "'local_infile', 'log_bin', 'log_bin_trust_function_creators', 'log_replica_updates', "
    "'log_slave_updates', "
    "'lower_case_table_names', "
    "'max_allowed_packet', 'max_binlog_total_size', 'port', 'read_only', 'secure_timestamp', "
    "'server_id', "
    "'sql_mode', 'super_read_only', "
    "'system_time_zone', 'time_zone', 'version'";

}  // namespace

base::StatusOr<Settings> ReadSettings(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(
      std::vector<ResultRow> rows,
      connection.Query(fmt::format("SHOW GLOBAL VARIABLES WHERE Variable_name IN ({})", kNames)));
  Settings settings;
  for (const ResultRow& row : rows) settings[row[0].value_or("")] = row[1].value_or("");
  return settings;
}

std::string Setting(const Settings& settings, std::string_view name) {
  auto it = settings.find(std::string(name));
  return it == settings.end() ? std::string() : it->second;
}

uint64_t NumberSetting(const Settings& settings, std::string_view name) {
  return base::ParseInteger<uint64_t>(Setting(settings, name)).value_or(0);
}

bool LogsWhatKeysDo(const Settings& settings) {
  return Setting(settings, "innodb_native_foreign_keys") == "OFF";
}

Release ReleaseOf(const Connection& connection) {
  const std::string version = connection.server_version();
  const std::string number = version.substr(0, version.find('-'));
  if (connection.is_mysql()) return {version.starts_with(kTestedMysql), "MySQL " + number};
  return {version.starts_with(kTestedMariadb), "MariaDB " + number};
}

}  // namespace godwit::connectors::mysql
