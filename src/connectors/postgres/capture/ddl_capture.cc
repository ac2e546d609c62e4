#include "connectors/postgres/capture/ddl_capture.h"

#include <absl/strings/str_join.h>

#include "base/failpoint.h"
#include "connectors/postgres/capture/capture_function.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

struct Trigger {
  std::string_view event, prefix;
};
// As long as the "godwit_" of the slot's name, so that theirs is none too long either.
constexpr Trigger kTriggers[] = {
    {"ddl_command_end", "gw_end_"}, {"sql_drop", "gw_drp_"}, {"table_rewrite", "gw_rwr_"}};
constexpr std::string_view kHoldPrefix = "godwit_";

std::string TriggerName(const Trigger& trigger, const std::string& hold) {
  return std::string(trigger.prefix) + hold.substr(kHoldPrefix.size());
}

std::string Function(const std::string& hold) { return QuoteName(hold) + ".capture_ddl"; }

std::string TriggerNames(const std::string& hold) {
  return absl::StrJoin(kTriggers, ", ", [&](std::string* out, const Trigger& trigger) {
    *out += QuoteText(TriggerName(trigger, hold));
  });
}

// {0}: the schema, {1}: the names of the triggers.
constexpr std::string_view kInstalled = R"(
SELECT t.evtname FROM pg_catalog.pg_event_trigger t
  JOIN pg_catalog.pg_proc p ON p.oid = t.evtfoid
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = {0} AND t.evtname IN ({1}))";

constexpr std::string_view kSuperRoles = "'rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin'";

}  // namespace

std::string CapturePrefix(const std::string& hold) { return "godwit.ddl." + hold; }

base::Status InstallCapture(Connection& control, const std::string& hold,
                            const CaptureScope& scope) {
  GODWIT_RETURN_IF_ERROR(RemoveCapture(control, hold));
  std::string sql = fmt::format("BEGIN; CREATE SCHEMA IF NOT EXISTS {}; {};", QuoteName(hold),
                                CreateCaptureFunction(Function(hold), hold, CapturePrefix(hold),
                                                      scope, control.server_version()));
  for (const Trigger& trigger : kTriggers) {
    const std::string name = QuoteName(TriggerName(trigger, hold));
    // Whatever the role that a session plays in replication: another task may write to this
    // database.
    sql += fmt::format(
        "CREATE EVENT TRIGGER {0} ON {1} EXECUTE FUNCTION {2}(); ALTER EVENT TRIGGER {0} ENABLE "
        "ALWAYS;",
        name, trigger.event, Function(hold));
  }
  const base::Status made = control.Execute(sql + "COMMIT").status();
  if (!made.ok()) {
    control.Execute("ROLLBACK").IgnoreError();
    return base::Annotate(made, "source: the event triggers of ddl.capture: trigger");
  }
  base::Failpoint("postgres.after_capture");
  return base::OkStatus();
}

base::Status RemoveCapture(Connection& control, const std::string& hold) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      control.Query(fmt::format(kInstalled, QuoteText(hold), TriggerNames(hold))));
  std::string sql;
  for (const ResultRow& row : rows)
    sql += fmt::format("DROP EVENT TRIGGER {};", QuoteName(row[0].value_or("")));
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> schemas,
      control.Query(fmt::format(
          "SELECT EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid AND "
          "p.proname <> 'capture_ddl') OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE "
          "c.relnamespace = n.oid) FROM pg_catalog.pg_namespace n WHERE n.nspname = {0} AND "
          "EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid AND p.proname = "
          "'capture_ddl')",
          QuoteText(hold))));
  if (!schemas.empty()) {
    sql += fmt::format("DROP FUNCTION {}();", Function(hold));
    // What somebody else has put there stays.
    if (schemas[0][0] != "t") sql += fmt::format("DROP SCHEMA {};", QuoteName(hold));
  }
  if (sql.empty()) return base::OkStatus();
  return control.Execute(sql).status();
}

base::StatusOr<std::vector<std::string>> ListCapture(Connection& control, const std::string& hold) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      control.Query(fmt::format(kInstalled, QuoteText(hold), TriggerNames(hold))));
  std::vector<std::string> there;
  for (const ResultRow& row : rows) there.push_back("event trigger " + row[0].value_or(""));
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> functions,
      control.Query(fmt::format("SELECT p.proname FROM pg_catalog.pg_proc p JOIN "
                                "pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE "
                                "n.nspname = {} AND p.proname = 'capture_ddl'",
                                QuoteText(hold))));
  if (!functions.empty()) there.push_back("schema " + hold + " with the triggers' function");
  return there;
}

base::Status ExpectCapture(Connection& control, const std::string& hold) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      control.Query(fmt::format(kInstalled, QuoteText(hold), TriggerNames(hold)) +
                    " AND t.evtenabled = 'A'"));
  if (rows.size() == std::size(kTriggers)) return base::OkStatus();
  return base::FailedPrecondition(
      "source: of the event triggers that capture DDL for this task ({}) not all are there and "
      "enabled (ALWAYS), so that definitions may have changed without a word in the log. They are "
      "made when a task begins: copy anew with `godwit run --restart`. Or, where you know that no "
      "table of the task was changed meanwhile, go on without them: leave out ddl.capture",
      TriggerNames(hold));
}

base::Status RefreshCapture(Connection& control, const std::string& hold,
                            const CaptureScope& scope) {
  const std::string body =
      CaptureFunctionBody(hold, CapturePrefix(hold), scope, control.server_version());
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      control.Query(fmt::format("SELECT p.prosrc FROM pg_catalog.pg_proc p JOIN "
                                "pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE "
                                "n.nspname = {} AND p.proname = 'capture_ddl'",
                                QuoteText(hold))));
  if (!rows.empty() && rows[0][0] == body) return base::OkStatus();
  return control
      .Execute(CreateCaptureFunction(Function(hold), hold, CapturePrefix(hold), scope,
                                     control.server_version()))
      .status();
}

base::StatusOr<std::string> WhyNotMatched(Connection& control, const CaptureScope& scope) {
  const base::Status asked =
      control
          .Query(
              "SELECT FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace n ON n.oid = "
              "r.relnamespace WHERE " +
              MatchCondition(scope, "n.nspname", "r.relname") + " LIMIT 1")
          .status();
  if (asked.ok()) return std::string();
  if (control.last_state() != "2201B") return asked;  // invalid_regular_expression
  return std::string(asked.message());
}

base::StatusOr<bool> MayCapture(Connection& control) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::string may,
      control.QueryValue(fmt::format(
          "SELECT r.rolsuper OR EXISTS (SELECT FROM pg_catalog.pg_roles s WHERE s.rolname IN ({}) "
          "AND pg_catalog.pg_has_role(s.oid, 'MEMBER')) FROM pg_catalog.pg_roles r WHERE "
          "r.rolname = CURRENT_USER",
          kSuperRoles)));
  return may == "t";
}

}  // namespace godwit::connectors::postgres
