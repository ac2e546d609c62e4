#include "connectors/mysql/ddl_executor.h"

#include <absl/strings/str_join.h>
#include <mysqld_error.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <set>

#include "base/failpoint.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/literal.h"
#include "sql/parser.h"

namespace godwit::connectors::mysql {
namespace {

using connector::DdlAction;
using connector::DdlOutcome;
using connector::DdlVerb;
using connector::PendingDdl;
using connector::TableState;

constexpr std::chrono::seconds kLockPatience(30);  // before it is said again what is waited for

// What the catalogue says of the objects that the statement touches, and of `others`.
base::StatusOr<std::string> Describe(Connection& connection, const model::DdlChange& ddl,
                                     const std::vector<model::TableName>& others = {}) {
  std::string description;
  std::vector<model::TableName> names = ddl.touched;
  names.insert(names.end(), others.begin(), others.end());
  for (const model::TableName& name : names) {
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

// One DDL on its way.
class Execution {
 public:
  Execution(const config::Endpoint& endpoint, Connection& control, const StateStore& store,
            const model::DdlChange& ddl, const model::Position& position, int64_t commit_time_us,
            const std::vector<TableState>& tables)
      : endpoint_(endpoint),
        control_(control),
        store_(store),
        ddl_(ddl),
        position_(position),
        commit_time_us_(commit_time_us),
        tables_(tables),
        marked_(ddl.only_renames && !ddl.statement.empty()),
        mark_(control, store) {}

  base::StatusOr<DdlOutcome> Run(const connector::DdlOrder& order) {
    GODWIT_ASSIGN_OR_RETURN(std::optional<connector::TaskState> state, store_.Load(control_));
    if (!state) return base::FailedPrecondition("the task's state has gone from the target");
    state_ = *std::move(state);
    std::optional<PendingDdl>& pending = state_.pending_ddl;
    if (pending && (pending->statement != ddl_.statement || pending->position != position_))
      pending.reset();
    const bool waits = pending && !pending->waits_for.empty();
    if (waits && pending->verb == DdlVerb::kSkip) return Finish(DdlOutcome::kSkipped);
    if (waits && pending->verb == DdlVerb::kReplace) return Replace();
    if (order.action == DdlAction::kIgnore && (waits || !pending))
      return Finish(DdlOutcome::kIgnored);
    if (waits && pending->verb == DdlVerb::kNone) return Waits(pending->waits_for);
    if (!pending && order.action == DdlAction::kStop) return Hold(order.why);
    if (!ddl_.obstacle.empty()) {
      return Hold(fmt::format(
          "it cannot be said in the SQL of the target, which is of another kind than the "
          "source (docs/mysql-mariadb.md): {}",
          ddl_.obstacle));
    }
    return Execute();
  }

 private:
  base::StatusOr<DdlOutcome> Execute() {
    GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> executor, OpenExecutor(endpoint_, store_));
    // To be retried is to be begun anew.
    const bool begun = state_.pending_ddl && state_.pending_ddl->waits_for.empty();
    // Before it is recorded what stands there, so that a run after a crash finds the same.
    for (const model::TableName& name : ddl_.replaced) {
      if (!begun)
        GODWIT_RETURN_IF_ERROR(
            control_.Execute("DROP TABLE IF EXISTS " + QuoteName(name)).status());
    }
    GODWIT_ASSIGN_OR_RETURN(std::string now, Describe(control_, ddl_));
    bool execute = true;
    if (begun && marked_) {
      GODWIT_ASSIGN_OR_RETURN(const bool happened, mark_.HasHappened());
      execute = !happened;
    } else if (begun) {
      execute = ddl_.only_rows || state_.pending_ddl->before == now;
    } else {
      if (marked_) GODWIT_RETURN_IF_ERROR(mark_.Prepare());
      GODWIT_RETURN_IF_ERROR(store_.BeginDdl(control_, Pending(now)));
    }
    base::Failpoint("ddl.after_pending");
    if (execute && position_.empty()) GODWIT_RETURN_IF_ERROR(DropHalfMade());
    if (execute && !ddl_.statement.empty()) {
      base::Status run = RunOn(*executor, marked_ ? mark_.In(ddl_.statement) : ddl_.statement);
      if (!run.ok()) return Failed(run, "the DDL");
    }
    base::Failpoint("ddl.after_execute");
    for (const model::TableName& name : ddl_.left_over) {
      GODWIT_RETURN_IF_ERROR(control_.Execute("DROP TABLE IF EXISTS " + QuoteName(name)).status());
    }
    return Finish(DdlOutcome::kExecuted);
  }

  // CREATE ... SELECT, done again after a crash before its rows were committed: the table that is
  // there is ours.
  base::Status DropHalfMade() {
    for (const TableState& table : state_.tables) {
      if (std::find(ddl_.touched.begin(), ddl_.touched.end(), table.name) == ddl_.touched.end())
        continue;
      GODWIT_RETURN_IF_ERROR(
          control_.Execute("DROP TABLE IF EXISTS " + QuoteName(table.name)).status());
    }
    return base::OkStatus();
  }

  // The operator's statements, one after the other, each like a DDL of the log.
  base::StatusOr<DdlOutcome> Replace() {
    GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> executor, OpenExecutor(endpoint_, store_));
    const PendingDdl& pending = *state_.pending_ddl;
    for (size_t i = pending.replaced; i < pending.replacement.size(); ++i) {
      const std::string& statement = pending.replacement[i];
      const bool begun = i == pending.replaced && pending.step_begun;
      // What is no DDL leaves the catalogue as it is, and is executed again.
      GODWIT_ASSIGN_OR_RETURN(std::string now,
                              Describe(control_, ddl_, NamesIn(statement, *executor)));
      if (!begun) GODWIT_RETURN_IF_ERROR(store_.BeginStep(control_, i, now));
      base::Failpoint("ddl.after_step_begun");
      if (!begun || pending.before == now) {
        base::Status run = RunOn(*executor, statement);
        if (!run.ok()) {
          return Failed(run, fmt::format("statement {} of {} of `godwit ddl replace` ({}), in the "
                                         "place of the DDL",
                                         i + 1, pending.replacement.size(), statement));
        }
      }
      base::Failpoint("ddl.after_step");
      GODWIT_RETURN_IF_ERROR(store_.FinishStep(control_, i));
    }
    return Finish(DdlOutcome::kReplaced);
  }

  std::vector<model::TableName> NamesIn(const std::string& statement,
                                        const Connection& executor) const {
    sql::ParseOptions options;
    options.flavour = executor.flavour();
    options.default_schema = ddl_.default_schema;
    auto parsed = sql::ParseStatement(statement, options);
    return parsed.ok() ? sql::TablesOf(*parsed) : std::vector<model::TableName>();
  }

  base::Status RunOn(Connection& connection, const std::string& statement) {
    if (!ddl_.session.empty()) GODWIT_RETURN_IF_ERROR(connection.Execute(ddl_.session).status());
    if (!ddl_.default_schema.empty()) {
      // The session's database need not be one of the task's, or exist here; the statement may do
      // without it.
      base::Status used = connection.Execute("USE " + QuoteName(ddl_.default_schema)).status();
      if (absl::IsUnavailable(used)) return used;
    }
    return connection.Execute(statement).status();
  }

  PendingDdl Pending(std::string before) const {
    return {ddl_.statement, ddl_.default_schema, position_, std::move(before)};
  }

  // From here on the operator is asked.
  base::Status Hold(const std::string& why) {
    GODWIT_ASSIGN_OR_RETURN(std::string now, Describe(control_, ddl_));
    PendingDdl pending = Pending(std::move(now));
    pending.waits_for = why;
    GODWIT_RETURN_IF_ERROR(store_.BeginDdl(control_, pending));
    base::Failpoint("ddl.after_held");
    return Waits(why);
  }

  base::Status Failed(const base::Status& status, std::string_view what) {
    // Another try may do: the statement stays begun.
    if (!absl::IsFailedPrecondition(status) && !absl::IsInvalidArgument(status))
      return base::Annotate(status, fmt::format("{} at {} failed on the target", what, Place()));
    return Hold(fmt::format("{} failed on the target: {}", what, status.message()));
  }

  base::Status Waits(const std::string& why) const {
    return base::FailedPrecondition(
        "the DDL at {} waits for you: {}\n  statement: {}\nsay what to do about it, then run "
        "again: "
        "`godwit ddl retry` (execute it), `godwit ddl skip` (leave the target as it is) or `godwit "
        "ddl replace --sql '...'` (execute that instead)",
        Place(), why, ddl_.statement);
  }

  std::string Place() const { return position_.text.empty() ? "this place" : position_.text; }

  base::StatusOr<DdlOutcome> Finish(DdlOutcome outcome) {
    std::vector<TableState> tables = tables_;
    std::optional<connector::DdlRecord> record;
    if (outcome != DdlOutcome::kExecuted) {
      connector::MarkNotExecuted(ddl_, tables);
      record = RecordOf(outcome);
    }
    base::Failpoint("ddl.before_done");
    GODWIT_RETURN_IF_ERROR(store_.FinishDdl(
        control_, position_.empty() ? state_.applied : position_,
        position_.empty() ? state_.applied_commit_us : commit_time_us_, tables, record));
    base::Failpoint("ddl.after_done");
    if (marked_) GODWIT_RETURN_IF_ERROR(mark_.Remove());
    return outcome;
  }

  connector::DdlRecord RecordOf(DdlOutcome outcome) const {
    connector::DdlRecord record{outcome, "", ddl_.statement, position_, "", "", commit_time_us_};
    std::set<std::string> names;
    for (const model::DdlChange::Effect& effect : ddl_.effects)
      names.insert(effect.table.ToString());
    if (names.empty())
      for (const model::TableName& name : ddl_.touched) names.insert(name.ToString());
    if (names.empty() && !ddl_.touched_schema.empty()) names.insert(ddl_.touched_schema);
    record.tables = absl::StrJoin(names, ", ");
    if (state_.pending_ddl) {
      record.why = state_.pending_ddl->waits_for;
      record.instead = absl::StrJoin(state_.pending_ddl->replacement, "; ");
    }
    return record;
  }

  const config::Endpoint& endpoint_;
  Connection& control_;
  const StateStore& store_;
  const model::DdlChange& ddl_;
  const model::Position& position_;
  const int64_t commit_time_us_;
  const std::vector<TableState>& tables_;
  const bool marked_;
  RenameMark mark_;
  connector::TaskState state_;  // its pending DDL is this one, or none
};

}  // namespace

base::StatusOr<DdlOutcome> ExecuteDdl(const config::Endpoint& endpoint, Connection& control,
                                      const StateStore& store, const model::DdlChange& ddl,
                                      const model::Position& position, int64_t commit_time_us,
                                      const std::vector<TableState>& tables,
                                      const connector::DdlOrder& order) {
  return Execution(endpoint, control, store, ddl, position, commit_time_us, tables).Run(order);
}

}  // namespace godwit::connectors::mysql
