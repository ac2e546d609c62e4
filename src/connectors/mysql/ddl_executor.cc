#include "connectors/mysql/ddl_executor.h"

#include <mysqld_error.h>
#include <spdlog/spdlog.h>

#include <chrono>

#include "base/failpoint.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

constexpr std::chrono::seconds kLockPatience(30);  // before it is said again what is waited for

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

// The connection that executes the statement. It holds a lock by which a later run knows whether
// the server is still at a statement that an earlier one, now dead, has begun: the server notices
// that only at the statement's end, and the catalogue says nothing of it before.
base::StatusOr<std::unique_ptr<Connection>> OpenExecutor(const config::Endpoint& endpoint,
                                                         const StateStore& store) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::Open(endpoint, "target", Connection::Text::kUtf8));
  const std::string lock =
      fmt::format("SELECT GET_LOCK({}, {})", store.LockName("ddl"), kLockPatience.count());
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(std::string taken, connection->QueryValue(lock));
    if (taken == "1") return connection;
    spdlog::warn(
        "target: it is still executing the DDL that an earlier run of this task began; waiting for "
        "its end (SHOW PROCESSLIST on the target shows it)");
  }
}

base::Status Run(Connection& connection, const model::DdlChange& ddl,
                 const std::string& statement) {
  if (!ddl.session.empty()) GODWIT_RETURN_IF_ERROR(connection.Execute(ddl.session).status());
  if (!ddl.default_schema.empty()) {
    // The session's database need not be one of the task's, or exist here; the statement may do
    // without it.
    base::Status used = connection.Execute("USE " + QuoteName(ddl.default_schema)).status();
    if (absl::IsUnavailable(used)) return used;
  }
  return connection.Execute(statement).status();
}

// A statement that changes names may leave a catalogue that looks as before (two tables alike that
// have changed places). So a table of ours is renamed with them, in the one statement, which is
// atomic: its name says whether the statement has happened.
class RenameMark {
 public:
  RenameMark(Connection& control, const StateStore& store)
      : control_(control),
        before_(QuoteName(store.MarkName("before"))),
        after_(QuoteName(store.MarkName("after"))) {}

  base::Status Prepare() {
    GODWIT_RETURN_IF_ERROR(Remove());
    return control_.Execute("CREATE TABLE " + before_ + " (nothing INT) ENGINE=InnoDB").status();
  }
  std::string In(const std::string& statement) const {
    return fmt::format("{}, {} TO {}", statement, before_, after_);
  }
  base::StatusOr<bool> HasHappened() {
    auto there = control_.Query("SELECT 1 FROM " + after_ + " LIMIT 0");
    if (there.ok()) return true;
    if (control_.last_error() == ER_NO_SUCH_TABLE) return false;
    return there.status();
  }
  base::Status Remove() {
    for (const std::string* name : {&before_, &after_})
      GODWIT_RETURN_IF_ERROR(control_.Execute("DROP TABLE IF EXISTS " + *name).status());
    return base::OkStatus();
  }

 private:
  Connection& control_;
  const std::string before_, after_;
};

}  // namespace

base::Status ExecuteDdl(const config::Endpoint& endpoint, Connection& control,
                        const StateStore& store, const model::DdlChange& ddl,
                        const model::Position& position, int64_t commit_time_us,
                        const std::vector<connector::TableState>& tables) {
  GODWIT_ASSIGN_OR_RETURN(std::optional<connector::TaskState> state, store.Load(control));
  if (!state) return base::FailedPrecondition("the task's state has gone from the target");
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> executor, OpenExecutor(endpoint, store));
  GODWIT_ASSIGN_OR_RETURN(std::string now, Describe(control, ddl));
  const bool marked = ddl.only_renames && !ddl.statement.empty();
  RenameMark mark(control, store);
  bool execute = true;
  if (state->pending_ddl && state->pending_ddl->statement == ddl.statement &&
      state->pending_ddl->position == position) {
    if (marked) {
      GODWIT_ASSIGN_OR_RETURN(const bool happened, mark.HasHappened());
      execute = !happened;
    } else {
      execute = ddl.only_rows || state->pending_ddl->before == now;
    }
  } else {
    if (marked) GODWIT_RETURN_IF_ERROR(mark.Prepare());
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
    base::Status run = Run(*executor, ddl, marked ? mark.In(ddl.statement) : ddl.statement);
    if (!run.ok()) {
      return base::Annotate(run, fmt::format("the DDL at {} failed on the target",
                                             position.text.empty() ? "this place" : position.text));
    }
  }
  base::Failpoint("ddl.after_execute");
  for (const model::TableName& name : ddl.left_over) {
    GODWIT_RETURN_IF_ERROR(control.Execute("DROP TABLE IF EXISTS " + QuoteName(name)).status());
  }
  GODWIT_RETURN_IF_ERROR(
      store.FinishDdl(control, position.empty() ? state->applied : position,
                      position.empty() ? state->applied_commit_us : commit_time_us, tables));
  base::Failpoint("ddl.after_done");
  return marked ? mark.Remove() : base::OkStatus();
}

}  // namespace godwit::connectors::mysql
