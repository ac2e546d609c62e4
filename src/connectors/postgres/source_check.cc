#include "connectors/postgres/source_check.h"

#include "base/text.h"
#include "connector/check_list.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/left_out_check.h"
#include "connectors/postgres/log_hold.h"
#include "connectors/postgres/position.h"
#include "connectors/postgres/server_check.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::CheckList;
using connector::CheckResult;
using connector::CheckScope;

constexpr uint64_t kLongSeconds = 60;

void CheckLogLevel(Connection& source, CheckList& list) {
  constexpr std::string_view kName = "wal_level";
  const auto level = source.QueryValue("SHOW wal_level");
  if (!level.ok()) return list.Unknown(kName, level.status());
  if (*level == "logical") return list.Pass(kName, *level);
  list.Fail(kName, fmt::format("{}: the log does not hold what rows were changed", *level),
            "ALTER SYSTEM SET wal_level = 'logical', then restart the server");
}

// A slot and a sender of the log are needed, unless the task has its slot already.
void CheckSlots(Connection& source, const std::string& hold, CheckList& list) {
  constexpr std::string_view kName = "replication slots";
  const auto row = source.QueryRow(fmt::format(
      "SELECT pg_catalog.current_setting('max_replication_slots')::int, "
      "(SELECT count(*) FROM pg_catalog.pg_replication_slots WHERE slot_name <> {0}), "
      "pg_catalog.current_setting('max_wal_senders')::int, "
      "(SELECT count(*) FROM pg_catalog.pg_stat_replication WHERE application_name <> 'godwit')",
      QuoteText(hold)));
  if (!row.ok()) return list.Unknown(kName, row.status());
  const auto number = [&](size_t i) {
    return base::ParseInteger<uint64_t>((*row)[i].value_or("")).value_or(0);
  };
  if (number(1) >= number(0)) {
    return list.Fail(kName, fmt::format("all {} are taken", number(0)),
                     "raise max_replication_slots and restart the server, or drop a slot that "
                     "nobody reads from (pg_drop_replication_slot)");
  }
  if (number(3) >= number(2)) {
    return list.Fail(kName, fmt::format("all {} senders of the log are taken", number(2)),
                     "raise max_wal_senders and restart the server");
  }
  list.Pass(kName, fmt::format("{} of {} are free", number(0) - number(1), number(0)));
}

// Both are a choice: it is only told which one is made. PostgreSQL 12 has no such setting.
void CheckLogLimit(Connection& source, CheckList& list) {
  constexpr std::string_view kName = "log limit";
  // Of PostgreSQL 18. Nobody reads from the slot during the copy.
  const auto idle = source.QueryValue(
      "SELECT COALESCE(pg_catalog.current_setting('idle_replication_slot_timeout', true), '0')");
  if (idle.ok() && *idle != "0") {
    return list.Warn(kName,
                     fmt::format("the server gives up a log that nobody has read for {}", *idle),
                     "raise idle_replication_slot_timeout beyond what the copy takes, or set it to "
                     "0: only a new copy helps after that");
  }
  const auto limit = source.QueryValue(
      "SELECT COALESCE(pg_catalog.current_setting('max_slot_wal_keep_size', true), '-1')");
  if (!limit.ok()) return list.Unknown(kName, limit.status());
  if (*limit == "-1") {
    return list.Pass(kName,
                     "the server keeps the log for the task however long it gets; "
                     "source.max_slot_wal, or max_slot_wal_keep_size on the server, bounds it");
  }
  list.Pass(kName, fmt::format("the server keeps {} of the log for the task and then gives it up "
                               "(max_slot_wal_keep_size); only a new copy helps after that",
                               *limit));
}

// A standby's snapshots do not say which transactions are running.
void CheckPrimary(Connection& source, CheckList& list) {
  constexpr std::string_view kName = "primary";
  const auto recovering = source.QueryValue("SELECT pg_catalog.pg_is_in_recovery()");
  if (!recovering.ok()) return list.Unknown(kName, recovering.status());
  if (*recovering == "t")
    return list.Fail(kName, "the server is a standby", "name the primary in the url");
  list.Pass(kName, "yes");
}

void CheckRights(Connection& source, const connector::Catalog& catalog, CheckList& list) {
  constexpr std::string_view kName = "rights";
  const auto role = source.QueryRow(
      "SELECT rolname, rolreplication OR rolsuper, rolsuper, "
      "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') FROM "
      "pg_catalog.pg_roles WHERE rolname = CURRENT_USER");
  if (!role.ok()) return list.Unknown(kName, role.status());
  const std::string user = QuoteName((*role)[0].value_or(""));
  if ((*role)[1] != "t") {
    return list.Fail(kName, fmt::format("{} may not read the log", user),
                     fmt::format("ALTER ROLE {} REPLICATION", user));
  }
  if ((*role)[3] != "t") {
    return list.Fail(
        kName, fmt::format("{} may not create a publication in the database", user),
        fmt::format("GRANT CREATE ON DATABASE {} TO {}", QuoteName(source.database()), user));
  }
  std::vector<std::string> unread, unowned;
  for (const connector::CatalogTable& table : catalog.tables) {
    const model::TableName& name = table.definition.table->name;
    const auto row = source.QueryRow(fmt::format(
        "SELECT pg_catalog.has_table_privilege(c.oid, 'SELECT') AND "
        "pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE'), "
        "pg_catalog.pg_has_role(c.relowner, 'USAGE') FROM pg_catalog.pg_class c WHERE c.oid = "
        "pg_catalog.to_regclass({})",
        QuoteText(QuoteName(name))));
    if (!row.ok()) return list.Unknown(kName, row.status());
    if ((*row)[0] != "t") unread.push_back(name.ToString());
    if ((*row)[1] != "t" && (*role)[2] != "t") unowned.push_back(name.ToString());
  }
  if (!unread.empty()) {
    return list.Fail(
        kName, fmt::format("{} may not read {}", user, connector::Enumerate(unread)),
        fmt::format("GRANT SELECT ON these tables, and USAGE on their schemas, TO {}", user));
  }
  if (!unowned.empty()) {
    return list.Fail(
        kName,
        fmt::format("{} is not the owner of {}, and only owners put tables into a publication",
                    user, connector::Enumerate(unowned)),
        fmt::format("GRANT the owners' roles TO {}", user));
  }
  list.Pass(kName, fmt::format("{} has the rights that are needed", user));
}

void CheckIdentities(const connector::Catalog& catalog, CheckList& list) {
  std::vector<std::string> offenders;
  for (const connector::CatalogTable& table : catalog.tables) {
    const auto definition = FromJson(table.definition.statement);
    if (!definition.ok()) continue;
    if (const std::string why = WhyNotLogged(*definition); !why.empty())
      offenders.push_back(definition->name.ToString() + " " + why);
  }
  list.Offenders("replica identity", CheckResult::kFail, offenders,
                 "the log tells the rows of every table apart", "changes cannot be followed of",
                 "see each table; tables without keys: ALTER TABLE ... REPLICA IDENTITY FULL");
}

// A slot is made once all transactions that are running have ended.
void CheckLongTransactions(Connection& source, CheckList& list) {
  constexpr std::string_view kName = "long transactions";
  const auto rows = source.Query(
      fmt::format("SELECT pid, EXTRACT(epoch FROM pg_catalog.now() - xact_start)::bigint FROM "
                  "pg_catalog.pg_stat_activity WHERE backend_xid IS NOT NULL AND xact_start < "
                  "pg_catalog.now() - '{} s'::interval ORDER BY xact_start",
                  kLongSeconds));
  if (!rows.ok()) return list.Unknown(kName, rows.status());
  if (rows->empty()) return list.Pass(kName, "no transaction that writes has been open for long");
  const ResultRow& oldest = rows->front();
  list.Warn(kName,
            fmt::format("process {} has been in one for {} s: the task begins once it has ended",
                        oldest[0].value_or(""), oldest[1].value_or("")),
            "end it, or wait");
}

void CheckResume(Connection& source, const CheckScope& scope, const std::string& hold,
                 CheckList& list) {
  constexpr std::string_view kName = "log";
  const auto at = LogPosition::Parse(scope.resume_at);
  const base::Status held = at.ok() ? ExpectHeld(source, hold, at->lsn) : at.status();
  if (held.ok()) return list.Pass(kName, "slot " + hold + " holds what is needed of it");
  list.Fail(kName, std::string(held.message()), "see there");
}

}  // namespace

base::StatusOr<connector::CheckReport> CheckSource(Connection& source, const CheckScope& scope,
                                                   const std::string& hold) {
  CheckList list("source");
  CheckServer(source, list);
  CheckPrimary(source, list);
  CheckLogLevel(source, list);
  CheckSlots(source, hold, list);
  CheckLogLimit(source, list);
  GODWIT_ASSIGN_OR_RETURN(const connector::Catalog catalog, ReadCatalog(source, scope.filter, {}));
  CheckRights(source, catalog, list);
  CheckIdentities(catalog, list);
  CheckLeftOut(source, scope, list);
  if (scope.resume_at.empty())
    CheckLongTransactions(source, list);
  else if (!scope.finished)
    CheckResume(source, scope, hold, list);
  return list.Take();
}

}  // namespace godwit::connectors::postgres
