#include "config/dm/dm_keys.h"

// After the structures of tiflow's dm/config, of versions 2 to 8.
namespace godwit::config {
namespace {

using enum DmFate;

constexpr std::string_view kNoFiles = "rows go from server to server, without files between";
constexpr std::string_view kSelf = "Godwit decides that by itself";
constexpr std::string_view kOldKey = "of no effect with DM itself any more";
constexpr std::string_view kNoRoutes =
    "tables keep their names, and are not merged; rename them on the source or the target, or make "
    "views";
constexpr std::string_view kNoMerge =
    "sharded tables are not merged; give each source a task with a target of its own";
constexpr std::string_view kNoRowFilter =
    "rows are not filtered; leave the whole table out (tables.exclude) or delete the rows on the "
    "target";
constexpr std::string_view kNoSession =
    "variables of sessions cannot be set; set them for the account or the server, if they are "
    "needed "
    "(Godwit sets those that values depend on)";
constexpr std::string_view kNoPem =
    "certificates are read from files of the workers' machines; write them there and name the "
    "paths "
    "(ssl.ca, ssl.cert, ssl.key)";
constexpr std::string_view kNoColumns =
    "columns are not made or changed on the way; leave the table out, or compute them on the "
    "target";
constexpr std::string_view kVerify = "compare both ends by `godwit verify` when you like";

constexpr DmKey kTaskKeys[] = {
    {"name", kCarried},
    {"task-mode", kCarried},
    {"is-sharding", kLost, "false", kNoMerge},
    {"shard-mode", kLost, "", kNoMerge},
    {"strict-optimistic-shard-mode", kLost, "false", kNoMerge},
    {"ignore-checking-items", kNoted, "",
     "no check can be left out: `godwit task check` says what each is about"},
    {"meta-schema", kNoted, "dm_meta",
     "Godwit's state is another; it is kept in the target's schema `godwit` (meta_schema)"},
    {"enable-heartbeat", kNoted, "false", "the lag is measured without writing to the source"},
    {"heartbeat-update-interval", kNoted, "0|1", kOldKey},
    {"heartbeat-report-interval", kNoted, "0|10", kOldKey},
    {"timezone", kNoted, "", "points in time stay the same whatever the servers' time zones are"},
    {"case-sensitive", kCarried},
    {"collation_compatible", kNoted, "loose|strict",
     "definitions are carried over with their collations"},
    {"mariadb2tidb", kNoted, "",
     "definitions of MariaDB are translated as docs/mysql-mariadb.md says"},
    {"clean-dump-file", kNoted, "true|false", kNoFiles},
    {"ansi-quotes", kNoted, "false", kSelf},
    {"remove-meta", kNoted, "false",
     "to begin anew, remove the task with its state first (`godwit task remove`)"},
    {"experimental", kSection},
    {"experimental.async-checkpoint-flush", kNoted, "false",
     "positions are committed with the data"},
    {"online-ddl", kCarried},
    {"online-ddl-scheme", kNoted, "", "the names of gh-ost and pt-osc are both known"},
    {"shadow-table-rules", kCarried},
    {"trash-table-rules", kCarried},

    {"target-database", kSection},
    {"target-database.host", kCarried},
    {"target-database.port", kCarried},
    {"target-database.user", kCarried},
    {"target-database.password", kCarried},
    {"target-database.max-allowed-packet", kNoted, "", kSelf},
    {"target-database.session", kLost, "", kNoSession},
    {"target-database.security", kSection},
    {"target-database.security.ssl-ca", kCarried},
    {"target-database.security.ssl-cert", kCarried},
    {"target-database.security.ssl-key", kCarried},
    {"target-database.security.cert-allowed-cn", kLost, "",
     "a server proves the host in its url: set ssl.mode to verify-full"},
    {"target-database.security.ssl-ca-bytes", kLost, "", kNoPem},
    {"target-database.security.ssl-cert-bytes", kLost, "", kNoPem},
    {"target-database.security.ssl-key-bytes", kLost, "", kNoPem},
    {"target-database.security.ssl-ca-base64", kLost, "", kNoPem},
    {"target-database.security.ssl-cert-base64", kLost, "", kNoPem},
    {"target-database.security.ssl-key-base64", kLost, "", kNoPem},

    {"mysql-instances", kItems},
    {"mysql-instances.source-id", kCarried},
    {"mysql-instances.meta", kCarried},
    {"mysql-instances.meta.binlog-name", kCarried},
    {"mysql-instances.meta.binlog-pos", kCarried},
    {"mysql-instances.meta.binlog-gtid", kCarried},
    {"mysql-instances.route-rules", kCarried},
    {"mysql-instances.filter-rules", kCarried},
    {"mysql-instances.column-mapping-rules", kCarried},
    {"mysql-instances.expression-filters", kCarried},
    {"mysql-instances.black-white-list", kCarried},
    {"mysql-instances.block-allow-list", kCarried},
    {"mysql-instances.mydumper-config-name", kCarried},
    {"mysql-instances.mydumper", kCarried},
    {"mysql-instances.mydumper-thread", kCarried},
    {"mysql-instances.loader-config-name", kCarried},
    {"mysql-instances.loader", kCarried},
    {"mysql-instances.loader-thread", kNoted, "0", "copy.threads is for reading and writing"},
    {"mysql-instances.syncer-config-name", kCarried},
    {"mysql-instances.syncer", kCarried},
    {"mysql-instances.syncer-thread", kCarried},
    {"mysql-instances.validator-config-name", kCarried},

    {"routes", kRules},
    {"routes.schema-pattern", kCarried},
    {"routes.table-pattern", kCarried},
    {"routes.target-schema", kLost, "", kNoRoutes},
    {"routes.target-table", kLost, "", kNoRoutes},
    {"routes.extract-table", kLost, "", kNoColumns},
    {"routes.extract-schema", kLost, "", kNoColumns},
    {"routes.extract-source", kLost, "", kNoColumns},

    {"filters", kRules},
    {"filters.schema-pattern", kCarried},
    {"filters.table-pattern", kCarried},
    {"filters.events", kCarried},
    {"filters.sql-pattern", kCarried},
    {"filters.action", kCarried},

    {"column-mappings", kLost, "", kNoColumns},
    {"expression-filter", kRules},
    {"expression-filter.schema", kCarried},
    {"expression-filter.table", kCarried},
    {"expression-filter.insert-value-expr", kLost, "", kNoRowFilter},
    {"expression-filter.update-old-value-expr", kLost, "", kNoRowFilter},
    {"expression-filter.update-new-value-expr", kLost, "", kNoRowFilter},
    {"expression-filter.delete-value-expr", kLost, "", kNoRowFilter},

    {"block-allow-list", kRules},
    {"block-allow-list.do-dbs", kCarried},
    {"block-allow-list.do-tables", kCarried},
    {"block-allow-list.ignore-dbs", kCarried},
    {"block-allow-list.ignore-tables", kCarried},
    {"black-white-list", kRules},
    {"black-white-list.do-dbs", kCarried},
    {"black-white-list.do-tables", kCarried},
    {"black-white-list.ignore-dbs", kCarried},
    {"black-white-list.ignore-tables", kCarried},

    {"mydumpers", kRules},
    {"mydumpers.threads", kCarried},
    {"mydumpers.chunk-filesize", kCarried},
    {"mydumpers.mydumper-path", kNoted, "./bin/mydumper", kNoFiles},
    {"mydumpers.statement-size", kNoted, "0", kSelf},
    {"mydumpers.rows", kNoted, "0", "tables are divided by size (copy.chunk_bytes)"},
    {"mydumpers.where", kLost, "", kNoRowFilter},
    {"mydumpers.skip-tz-utc", kNoted, "true|false", kSelf},
    {"mydumpers.extra-args", kLost, "--consistency none|--consistency auto",
     "there is no dump program that takes arguments; which tables are copied is said by `tables`, "
     "and no consistency option is needed"},

    {"loaders", kRules},
    {"loaders.pool-size", kNoted, "0|16", "copy.threads is for reading and writing"},
    {"loaders.dir", kNoted, "./dumped_data", kNoFiles},
    {"loaders.sorting-dir", kNoted, "./dumped_data", kNoFiles},
    {"loaders.sorting-dir-physical", kNoted, "./dumped_data", kNoFiles},
    {"loaders.import-mode", kNoted, "logical|sql|loader",
     "rows are written by bulk statements of SQL; there is no other way in"},
    {"loaders.on-duplicate", kCarried},
    {"loaders.on-duplicate-logical", kCarried},
    {"loaders.on-duplicate-physical", kNoted, "none", "a row that is there already is an error"},
    {"loaders.disk-quota", kNoted, "0", kNoFiles},
    {"loaders.disk-quota-physical", kNoted, "0", kNoFiles},
    {"loaders.checksum", kNoted, "required|optional|off", kVerify},
    {"loaders.checksum-physical", kNoted, "required|optional|off", kVerify},
    {"loaders.analyze", kNoted, "optional|off", "run ANALYZE TABLE yourself when the copy is done"},
    {"loaders.range-concurrency", kNoted, "0", kSelf},
    {"loaders.compress-kv-pairs", kNoted, "", kNoFiles},
    {"loaders.pd-addr", kNoted, "", kNoFiles},

    {"syncers", kRules},
    {"syncers.worker-count", kCarried},
    {"syncers.safe-mode", kLost, "false",
     "each change is made exactly once, and one that finds another row than it should is an error; "
     "start where the target's rows are of, or copy anew"},
    {"syncers.batch", kNoted, "0|100", kSelf},
    {"syncers.queue-size", kNoted, "0|1024", "memory is bounded by memory_limit"},
    {"syncers.checkpoint-flush-interval", kNoted, "0|1|30",
     "the position is committed with each group of changes"},
    {"syncers.compact", kNoted, "true|false", "changes of a row are always merged"},
    {"syncers.multiple-rows", kNoted, "true|false", "rows are always written many at a time"},
    {"syncers.safe-mode-duration", kNoted, "60s|0s",
     "nothing is written twice after a crash, so no time of safe mode is needed"},
    {"syncers.meta-file", kNoted, "", kOldKey},
    {"syncers.max-retry", kNoted, "0", "see retry_for"},
    {"syncers.auto-fix-gtid", kNoted, "false", kOldKey},
    {"syncers.enable-gtid", kNoted, "true|false", kSelf},
    {"syncers.disable-detect", kNoted, "false", kOldKey},
    {"syncers.enable-ansi-quotes", kNoted, "true|false", kSelf},

    {"validators", kRules},
    {"validators.mode", kLost, "none",
     "rows are not compared as they are written; compare both ends by `godwit verify`"},
    {"validators.worker-count", kNoted, "0|4", kVerify},
    {"validators.validate-interval", kNoted, "10s", kVerify},
    {"validators.check-interval", kNoted, "5s", kVerify},
    {"validators.row-error-delay", kNoted, "30m|30m0s", kVerify},
    {"validators.meta-flush-interval", kNoted, "5m|5m0s", kVerify},
    {"validators.batch-query-size", kNoted, "100", kVerify},
    {"validators.max-pending-row-size", kNoted, "500m", kVerify},
    {"validators.max-pending-row-count", kNoted, "2147483647", kVerify},
};

constexpr std::string_view kPurge =
    "how long the log is kept is set for the workers; what a task still needs stays";
constexpr std::string_view kRetries =
    "how long servers may be away is said by the task (retry_for)";

constexpr DmKey kSourceKeys[] = {
    {"source-id", kCarried},
    {"enable", kLost, "true",
     "disable the source after it has been added (`godwit source disable`)"},
    {"enable-gtid", kNoted, "true|false", kSelf},
    {"auto-fix-gtid", kNoted, "false", kOldKey},
    {"flavor", kCarried},
    {"charset", kNoted, "", kOldKey},
    {"server-id", kNoted, "0", "each task registers with an id made from its name"},
    {"tracer", kNoted, "", kOldKey},
    {"meta-dir", kNoted, "", kOldKey},
    {"enable-relay", kCarried},
    {"relay-dir", kNoted, "relay-dir|./relay-dir|./relay_log|relay_log",
     "where the log is kept is set for the workers"},
    {"relay-binlog-name", kNoted, "", "the relay begins where the tasks need it"},
    {"relay-binlog-gtid", kNoted, "", "the relay begins where the tasks need it"},

    {"from", kSection},
    {"from.host", kCarried},
    {"from.port", kCarried},
    {"from.user", kCarried},
    {"from.password", kCarried},
    {"from.max-allowed-packet", kNoted, "", kSelf},
    {"from.session", kLost, "", kNoSession},
    {"from.security", kSection},
    {"from.security.ssl-ca", kCarried},
    {"from.security.ssl-cert", kCarried},
    {"from.security.ssl-key", kCarried},
    {"from.security.cert-allowed-cn", kLost, "",
     "a server proves the host in its url: set ssl.mode to verify-full"},
    {"from.security.ssl-ca-bytes", kLost, "", kNoPem},
    {"from.security.ssl-cert-bytes", kLost, "", kNoPem},
    {"from.security.ssl-key-bytes", kLost, "", kNoPem},
    {"from.security.ssl-ca-base64", kLost, "", kNoPem},
    {"from.security.ssl-cert-base64", kLost, "", kNoPem},
    {"from.security.ssl-key-base64", kLost, "", kNoPem},

    {"purge", kSection},
    {"purge.interval", kNoted, "0|3600", kPurge},
    {"purge.expires", kLost, "0", kPurge},
    {"purge.remain-space", kLost, "0|15", kPurge},

    {"checker", kSection},
    {"checker.check-enable", kNoted, "true", kRetries},
    {"checker.backoff-rollback", kNoted, "5m0s|5m", kRetries},
    {"checker.backoff-max", kNoted, "5m0s|5m", kRetries},
    {"checker.backoff-min", kNoted, "1s", kRetries},
    {"checker.backoff-jitter", kNoted, "true", kRetries},
    {"checker.backoff-factor", kNoted, "2", kRetries},
    {"checker.check-interval", kNoted, "5s", kRetries},

    {"case-sensitive", kNoted, "true|false", "it is about filters"},
    {"filters", kLost, "",
     "a source has no filters of its own; DDL is ignored or stopped at by the task (ddl.policy, "
     "ddl.events)"},
};

}  // namespace

std::span<const DmKey> DmTaskKeys() { return kTaskKeys; }
std::span<const DmKey> DmSourceKeys() { return kSourceKeys; }

}  // namespace godwit::config
