#include "connectors/mysql/ddl_executor.h"

#include "base/failpoint.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

// What the catalogue says of the objects that the statement touches.
base::StatusOr<std::string> Describe(Connection& connection, const model::DdlChange& ddl) {
  std::string description;
  for (const model::TableName& name : ddl.touched) {
    auto definition = ReadDefinition(connection, name);
    if (!definition.ok() && !absl::IsNotFound(definition.status())) return definition.status();
    description += fmt::format("{}: {}\n", name.ToString(), definition.ok() ? *definition : "none");
  }
  if (!ddl.touched_schema.empty()) {
    GODWIT_ASSIGN_OR_RETURN(
        std::vector<ResultRow> rows,
        connection.Query(
            "SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = " +
            QuoteText(ddl.touched_schema)));
    description += fmt::format("{}: {}\n", ddl.touched_schema,
                               rows.empty() ? "none" : rows[0][0].value_or(""));
  }
  return description;
}

base::Status Run(const config::Endpoint& endpoint, const model::DdlChange& ddl) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::Open(endpoint, "target", Connection::Text::kUtf8));
  if (!ddl.session.empty()) GODWIT_RETURN_IF_ERROR(connection->Execute(ddl.session).status());
  if (!ddl.default_schema.empty()) {
    // The session's database need not be one of the task's, or exist here; the statement may do
    // without it.
    base::Status used = connection->Execute("USE " + QuoteName(ddl.default_schema)).status();
    if (absl::IsUnavailable(used)) return used;
  }
  return connection->Execute(ddl.statement).status();
}

}  // namespace

base::Status ExecuteDdl(const config::Endpoint& endpoint, Connection& control,
                        const StateStore& store, const model::DdlChange& ddl,
                        const model::Position& position, int64_t commit_time_us,
                        const std::vector<connector::TableState>& tables) {
  GODWIT_ASSIGN_OR_RETURN(std::optional<connector::TaskState> state, store.Load(control));
  if (!state) return base::FailedPrecondition("the task's state has gone from the target");
  GODWIT_ASSIGN_OR_RETURN(std::string now, Describe(control, ddl));
  bool execute = true;
  if (state->pending_ddl && state->pending_ddl->statement == ddl.statement &&
      state->pending_ddl->position == position) {
    execute = ddl.only_rows || state->pending_ddl->before == now;
  } else {
    GODWIT_RETURN_IF_ERROR(
        store.BeginDdl(control, {ddl.statement, ddl.default_schema, position, now}));
  }
  base::Failpoint("ddl.after_pending");
  if (execute && position.empty()) {
    // CREATE ... SELECT, done again after a crash before its rows were committed: the table that is
    // there is ours.
    for (const connector::TableState& table : state->tables) {
      if (std::find(ddl.touched.begin(), ddl.touched.end(), table.name) == ddl.touched.end())
        continue;
      GODWIT_RETURN_IF_ERROR(
          control.Execute("DROP TABLE IF EXISTS " + QuoteName(table.name)).status());
    }
  }
  if (execute && !ddl.statement.empty()) {
    base::Status run = Run(endpoint, ddl);
    if (!run.ok()) {
      return base::Annotate(run, fmt::format("the DDL at {} failed on the target",
                                             position.text.empty() ? "this place" : position.text));
    }
  }
  base::Failpoint("ddl.after_execute");
  GODWIT_RETURN_IF_ERROR(
      store.FinishDdl(control, position.empty() ? state->applied : position,
                      position.empty() ? state->applied_commit_us : commit_time_us, tables));
  base::Failpoint("ddl.after_done");
  return base::OkStatus();
}

}  // namespace godwit::connectors::mysql
