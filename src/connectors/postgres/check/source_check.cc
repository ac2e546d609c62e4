#include "connectors/postgres/check/source_check.h"

#include <filesystem>

#include "base/text.h"
#include "connector/check_list.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/check/left_out_check.h"
#include "connectors/postgres/check/server_check.h"
#include "connectors/postgres/check/source_rights_check.h"
#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/log/log_hold.h"
#include "connectors/postgres/log/slot_statements.h"
#include "connectors/postgres/log/spill_file.h"
#include "connectors/postgres/position.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::CheckList;
using connector::CheckResult;
using connector::CheckScope;

constexpr uint64_t kLongSeconds = 60;
constexpr int kReadsMessages = 140000;

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
  const auto row = source.QueryRow(
      fmt::format("SELECT pg_catalog.current_setting('max_replication_slots')::int, "
                  "(SELECT count(*) FROM pg_catalog.pg_replication_slots WHERE slot_name <> {0}), "
                  "pg_catalog.current_setting('max_wal_senders')::int, "
                  "(SELECT count(*) FROM pg_catalog.pg_stat_replication WHERE application_name NOT "
                  "LIKE 'godwit%')",
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

void CheckSpill(const std::string& folder, CheckList& list) {
  constexpr std::string_view kName = "large transactions";
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  if (error || !SpillFile::Make(folder).ok()) {
    return list.Fail(kName, fmt::format("no file can be made in {}, where they wait", folder),
                     "make it a folder with room for all that are in progress at once, or name "
                     "another one as `source.spill_dir`; with `source.streaming: false` they wait "
                     "on the source");
  }
  list.Pass(kName, fmt::format("wait for their commit in {}, with {:.1f} GiB free", folder,
                               static_cast<double>(space.available) / (1 << 30)));
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

// A table that has come since is left out of the task by itself where no publication takes it.
void CheckIdentities(const connector::Catalog& catalog, MissingIdentity missing, int server_version,
                     const CheckScope& scope, CheckList& list) {
  constexpr std::string_view kName = "replica identity";
  const bool set = missing == MissingIdentity::kSetFull;
  std::vector<std::string> offenders, without;
  for (const connector::CatalogTable& table : catalog.tables) {
    const auto definition = FromJson(table.definition.statement);
    if (!definition.ok()) continue;
    std::string why = set ? WhyUnlogged(*definition) : WhyNotLogged(*definition);
    if (why.empty() && scope.resume_at.empty())
      why = WhyNotPublished(*definition, missing, server_version);
    if (!why.empty()) offenders.push_back(definition->name.ToString() + " " + why);
    for (const Unidentified& one : UnidentifiedIn(*definition))
      without.push_back(one.name.ToString());
  }
  if (offenders.empty() && !without.empty()) {
    return list.Pass(kName, fmt::format("{} get REPLICA IDENTITY FULL while the task goes on",
                                        connector::Enumerate(without)));
  }
  list.Offenders(
      kName, CheckResult::kFail, offenders, "the log tells the rows of every table apart",
      "changes cannot be followed of",
      "see each table; tables without keys: ALTER TABLE ... REPLICA IDENTITY FULL, which "
      "Godwit does for as long as the task goes on with `tables.without_identity: full`");
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

// Columns refer to them by numbers alone, so that it is not known which ones the task's tables
// need.
void CheckLargeObjects(Connection& source, const CheckScope& scope, bool to_others,
                       CheckList& list) {
  constexpr std::string_view kName = "large objects";
  using Choice = connector::LargeObjectChoice;
  const auto row = source.QueryRow(R"(
SELECT count(*), count(*) FILTER (WHERE NOT m.may), min(m.oid::bigint) FILTER (WHERE NOT m.may),
       quote_ident(CURRENT_USER)
  FROM (SELECT oid, pg_has_role(lomowner, 'USAGE') OR current_setting('lo_compat_privileges')::bool
               OR EXISTS (SELECT FROM aclexplode(lomacl) x WHERE x.privilege_type = 'SELECT'
                             AND CASE x.grantee WHEN 0 THEN true
                                      ELSE pg_has_role(x.grantee, 'USAGE') END) AS may
          FROM pg_largeobject_metadata) m)");
  if (!row.ok()) return list.Unknown(kName, row.status());
  const uint64_t count = NumberOf((*row)[0]), unread = NumberOf((*row)[1]);
  if (count == 0) return;
  if (scope.large_objects == Choice::kIgnore)
    return list.Pass(kName,
                     fmt::format("{}, which are not migrated, as the task file says", count));
  if (scope.large_objects == Choice::kUndecided) {
    return list.Fail(
        kName,
        fmt::format("the database has {}; the log does not hold what becomes of them, and columns "
                    "(of type oid or lo) that refer to them would refer to nothing",
                    count),
        to_others
            ? "the target has none: move them into columns of bytea; or say `large_objects: "
              "ignore` in the task file, if nothing refers to them"
            : "say `large_objects: copy` in the task file: they are copied, and brought up to date "
              "whenever a run ends with all applied; or `large_objects: ignore`, if nothing refers "
              "to "
              "them");
  }
  if (unread > 0) {
    return list.Fail(kName,
                     fmt::format("{} may not read {} of {}, such as {}", TextOf((*row)[3]), unread,
                                 count, TextOf((*row)[2])),
                     fmt::format("GRANT SELECT ON LARGE OBJECT ... TO {}", TextOf((*row)[3])));
  }
  list.Pass(kName, fmt::format("{} to be copied", count));
}

// Whether event triggers can be made, or are there.
void CheckCapture(Connection& source, const std::string& hold, const CaptureScope& capture,
                  const CheckScope& scope, CheckList& list) {
  constexpr std::string_view kName = "ddl.capture";
  if (source.server_version() < kReadsMessages) {
    return list.Fail(kName, "before PostgreSQL 14 messages in the log cannot be read",
                     "leave out ddl.capture");
  }
  const auto may = MayCapture(source);
  if (!may.ok()) return list.Unknown(kName, may.status());
  if (!*may) {
    return list.Fail(kName, "the role may not make event triggers: only superusers may",
                     "log in as a superuser, or as a member of rds_superuser, cloudsqlsuperuser "
                     "or azure_pg_admin; or leave out ddl.capture");
  }
  const auto unmatched = WhyNotMatched(source, capture);
  if (!unmatched.ok()) return list.Unknown(kName, unmatched.status());
  if (!unmatched->empty()) {
    return list.Fail(kName,
                     "the source cannot read a regular expression of `tables`: " + *unmatched,
                     "write it in words that PostgreSQL and RE2 have in common");
  }
  if (scope.resume_at.empty()) return list.Pass(kName, "event triggers can be made");
  const base::Status there = ExpectCapture(source, hold);
  if (there.ok()) return list.Pass(kName, "the event triggers are there");
  list.Fail(kName, there, "see there");
}

void CheckResume(Connection& source, const CheckScope& scope, const std::string& hold,
                 CheckList& list) {
  constexpr std::string_view kName = "log";
  const auto at = LogPosition::Parse(scope.resume_at);
  base::Status held = at.ok() ? ExpectHeld(source, hold, at->lsn) : at.status();
  if (held.ok()) held = ExpectSamePartitions(source, hold);
  if (held.ok()) return list.Pass(kName, "slot " + hold + " holds what is needed of it");
  list.Fail(kName, held, "see there");
}

}  // namespace

base::StatusOr<connector::CheckReport> CheckSource(Connection& source, const CheckScope& scope,
                                                   const std::string& hold,
                                                   const std::optional<std::string>& spill_dir,
                                                   MissingIdentity missing_identity,
                                                   const std::optional<CaptureScope>& capture,
                                                   bool to_others) {
  CheckList list("source");
  CheckServer(source, list);
  CheckPrimary(source, list);
  CheckLogLevel(source, list);
  CheckSlots(source, hold, list);
  CheckLogLimit(source, list);
  if (spill_dir && StreamsInProgress(source.server_version()) && !scope.finished)
    CheckSpill(*spill_dir, list);
  GODWIT_ASSIGN_OR_RETURN(const connector::Catalog catalog, ReadCatalog(source, scope.filter, {}));
  CheckSourceRights(source, catalog, list);
  if (!scope.finished)
    CheckIdentities(catalog, missing_identity, source.server_version(), scope, list);
  if (capture && !scope.finished) CheckCapture(source, hold, *capture, scope, list);
  CheckLargeObjects(source, scope, to_others, list);
  CheckLeftOut(source, scope, to_others, list);
  if (scope.resume_at.empty())
    CheckLongTransactions(source, list);
  else if (!scope.finished)
    CheckResume(source, scope, hold, list);
  return list.Take();
}

}  // namespace godwit::connectors::postgres
