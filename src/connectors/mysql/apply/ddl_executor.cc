#include "connectors/mysql/apply/ddl_executor.h"

#include <absl/strings/str_join.h>
#include <mysqld_error.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <set>

#include "base/failpoint.h"
#include "connectors/mysql/apply/ddl_execution.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/schema/schema_writer.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using connector::DdlAction;
using connector::DdlOutcome;
using connector::DdlVerb;
using connector::PendingDdl;
using connector::TableState;

constexpr std::string_view kPreparing = "what the DDL needs beforehand";
constexpr std::chrono::seconds kLockPatience(30);  // before it is said again what is waited for

}  // namespace

base::StatusOr<DdlOutcome> DdlExecution::Run(const connector::DdlOrder& order) {
  GODWIT_ASSIGN_OR_RETURN(std::optional<connector::TaskState> state, store_.Load(control_));
  if (!state) return base::FailedPrecondition("the task's state has gone from the target");
  state_ = *std::move(state);
  std::optional<PendingDdl>& pending = state_.pending_ddl;
  if (pending && !IsPending(*pending)) pending.reset();
  const bool waits = pending && !pending->waits_for.empty();
  const bool begun = pending && !waits;
  if (waits && pending->verb == DdlVerb::kSkip)
    return Finish(SomeReplaced() ? DdlOutcome::kReplaced : DdlOutcome::kSkipped);
  if (waits && pending->verb == DdlVerb::kReplace) return Replace();
  const bool undecided = waits && pending->verb == DdlVerb::kNone;
  if (!ddl_.unlogged.empty()) {  // whatever becomes of it on the target
    const bool stops = order.action == DdlAction::kStop;
    if (!pending) return Hold(ddl_.unlogged + (stops ? "; " + order.why : ""));
    if (undecided) return Waits(pending->waits_for);
  }
  if (order.action == DdlAction::kIgnore && (waits || !pending))
    return Finish(DdlOutcome::kIgnored);
  if (undecided) return Waits(pending->waits_for);
  if (!pending && order.action == DdlAction::kStop) return Hold(order.why);
  if (!ddl_.obstacle.empty()) return Hold(ddl_.obstacle);
  if (order.action == DdlAction::kBlocked && (!begun || IsLeftToCopy())) return Hold(order.why);
  // Once a step is done, the name may be that of the one that takes it.
  if (!begun && !SomeReplaced()) {
    GODWIT_ASSIGN_OR_RETURN(const std::string kept, WhyNameIsKept());
    if (!kept.empty()) return Hold(kept);
  }
  catching_up_ = order.catching_up;
  rows_are_ahead_ = order.rows_are_ahead;
  return Execute();
}

// One that is made from the source's catalogue may be another by now; what it is about is not.
bool DdlExecution::IsPending(const PendingDdl& pending) const {
  const bool about = !ddl_.steps.empty() && !ddl_.effects.empty() &&
                     pending.statement.find(QuoteName(ddl_.effects[0].table)) != std::string::npos;
  return pending.position == position_ && (about || pending.statement == ddl_.Shown());
}

base::StatusOr<DdlOutcome> DdlExecution::Execute() {
  if (!ddl_.steps.empty()) return ExecuteSteps();
  if (IsLeftToCopy()) return LeaveToCopy();
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> executor, OpenExecutor());
  // To be retried is to be begun anew.
  const bool begun = state_.pending_ddl && state_.pending_ddl->waits_for.empty();
  base::StatusOr<std::string> now = DescribeObjects(control_, ddl_);
  if (!now.ok()) return Failed(now.status(), kPreparing);
  bool execute = true;
  if (begun) {
    GODWIT_ASSIGN_OR_RETURN(const std::optional<bool> happened, HasHappened(*now));
    if (!happened) return HoldUnseen("", "skip it where they have, retry it where they have not");
    execute = !*happened;
  } else {
    if (marked_) {
      if (base::Status mark = mark_.Prepare(); !mark.ok()) return Failed(mark, kPreparing);
    }
    GODWIT_RETURN_IF_ERROR(store_.BeginDdl(control_, Pending(*now)));
  }
  base::Failpoint("ddl.after_pending");
  if (execute) {
    base::Status room = position_.empty() ? DropHalfMade() : base::OkStatus();
    if (room.ok()) room = Drop(ddl_.replaced);
    if (!room.ok()) return Failed(room, kPreparing);
  }
  base::Failpoint("ddl.after_replaced");
  if (execute && !ddl_.statement.empty()) {
    const base::StatusOr<std::string> statement = StatementNow();
    if (!statement.ok()) return Failed(statement.status(), kPreparing);
    base::Status run = SetEngine(*executor);
    if (run.ok()) run = RunOn(*executor, *statement);
    if (!run.ok() && rows_are_ahead_ && IsOfRowsAhead(executor->last_error()))
      return base::Status(base::StatusCode::kAlreadyExists, run.message());
    if (!run.ok()) return Failed(run, "the DDL");
  }
  base::Failpoint("ddl.after_execute");
  if (base::Status left = Drop(ddl_.left_over); !left.ok())
    return Failed(left, "what the DDL leaves to be dropped");
  if (!SomeReplaced()) return Finish(DdlOutcome::kExecuted);
  state_.pending_ddl->replacement.push_back(ddl_.Shown());
  return Finish(DdlOutcome::kReplaced);
}

base::Status DdlExecution::Drop(const std::vector<model::TableName>& names) {
  for (const model::TableName& name : names)
    GODWIT_RETURN_IF_ERROR(control_.Execute("DROP TABLE IF EXISTS " + QuoteName(name)).status());
  return base::OkStatus();
}

base::StatusOr<std::string> DdlExecution::StatementNow() {
  const std::string& statement = ddl_.statement;
  if (!catching_up_) return marked_ ? mark_.In(statement) : statement;
  std::set<std::string> needed;
  for (const model::DdlChange::Effect& effect : ddl_.effects) needed.insert(effect.table.schema);
  if (std::ranges::count(ddl_.kinds, model::DdlKind::kAlterDatabase) > 0)
    needed.insert(ddl_.touched_schema);
  if (std::ranges::count(ddl_.kinds, model::DdlKind::kDropDatabase) > 0)
    needed.erase(ddl_.touched_schema);
  for (const std::string& schema : needed) {
    GODWIT_ASSIGN_OR_RETURN(const bool there, HasSchema(control_, schema));
    if (!there)
      GODWIT_RETURN_IF_ERROR(control_.Execute("CREATE DATABASE " + QuoteName(schema)).status());
  }
  if (marked_) return mark_.In(statement);
  if (ddl_.where_there.empty()) return statement;
  GODWIT_ASSIGN_OR_RETURN(const bool there, HasSchema(control_, ddl_.touched_schema));
  return there ? ddl_.where_there : statement;
}

base::StatusOr<std::optional<bool>> DdlExecution::HasHappened(const std::string& now) {
  if (marked_) {
    GODWIT_ASSIGN_OR_RETURN(const bool happened, mark_.HasHappened());
    return happened;
  }
  // No row has been written to a table that it puts in another's place: it may be made again.
  if (ddl_.repeatable || !ddl_.replaced.empty()) return false;
  if (catching_up_ && !ddl_.where_there.empty()) return false;
  const std::string& before = state_.pending_ddl->before;
  if (!ddl_.exchanged.table.empty()) {
    GODWIT_ASSIGN_OR_RETURN(const std::optional<std::string> identity,
                            ReadIdentity(control_, ddl_.exchanged));
    if (!identity || before.ends_with(kUnknownIdentity)) return std::optional<bool>();
  }
  return before != now;
}

base::StatusOr<std::string> DdlExecution::WhyNameIsKept() {
  for (const TableState& table : state_.tables) {
    if (!table.kept) continue;
    const auto of_its_name = [&](const model::DdlChange::Effect& effect) {
      return effect.table == table.name && effect.place == model::DdlChange::Place::kTarget;
    };
    const bool leaves = std::ranges::any_of(ddl_.effects, [&](const auto& effect) {
      return of_its_name(effect) && effect.after == nullptr && !effect.to_copy && !effect.dropped;
    });
    const bool taken = std::ranges::any_of(ddl_.effects, [&](const auto& effect) {
      return of_its_name(effect) && effect.after != nullptr;
    });
    if (!leaves || !taken) continue;
    GODWIT_ASSIGN_OR_RETURN(const bool there, HasTable(control_, table.name));
    if (!there) continue;
    return fmt::format(
        "table {}: another one takes its name, and the target had it before the task, with rows of "
        "its own: give it another name there, or drop it, first{}",
        table.name.ToString(),
        ddl_.steps.empty() ? "; then replace the statement by what is left of it to be done" : "");
  }
  return std::string();
}

// The tables are made and copied anew, by the next run.
bool DdlExecution::IsLeftToCopy() const {
  return std::ranges::any_of(ddl_.effects,
                             [](const auto& effect) { return !effect.by_copy.empty(); });
}

base::StatusOr<DdlOutcome> DdlExecution::LeaveToCopy() {
  base::Failpoint("ddl.before_copy");
  // Under its old name nobody would drop it, and keys of other tables follow it to the new one.
  for (const model::DdlChange::Effect& effect : ddl_.effects) {
    if (effect.by_copy.empty() || effect.renamed_from.table.empty()) continue;
    GODWIT_ASSIGN_OR_RETURN(const bool there, HasTable(control_, effect.renamed_from));
    if (!there) continue;  // done by an earlier run
    const base::Status renamed =
        control_.Execute(sql::WriteRenameTable({{{effect.renamed_from, effect.table}}, false}))
            .status();
    if (!renamed.ok()) return Failed(renamed, "the DDL");
  }
  return Finish(DdlOutcome::kExecuted);
}

// CREATE ... SELECT, done again after a crash before its rows were committed: the table that is
// there is ours.
base::Status DdlExecution::DropHalfMade() {
  for (const TableState& table : state_.tables) {
    if (std::find(ddl_.touched.begin(), ddl_.touched.end(), table.name) == ddl_.touched.end())
      continue;
    GODWIT_RETURN_IF_ERROR(
        control_.Execute("DROP TABLE IF EXISTS " + QuoteName(table.name)).status());
  }
  return base::OkStatus();
}

// It holds a lock by which a later run knows whether the server is still at a statement that an
// earlier one, now dead, has begun: the server notices that only at the statement's end, and the
// catalogue says nothing of it before.
base::StatusOr<std::unique_ptr<Connection>> DdlExecution::OpenExecutor() const {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          store_.Open(endpoint_, Connection::Text::kUtf8));
  const std::string lock =
      fmt::format("SELECT GET_LOCK({}, {})", store_.LockName("ddl"), kLockPatience.count());
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(std::string taken, connection->QueryValue(lock));
    if (taken == "1") return connection;
    spdlog::warn(
        "target: it is still executing the DDL that an earlier run of this task began; waiting for "
        "its end (SHOW PROCESSLIST on the target shows it)");
  }
}

bool IsOfRowsAhead(unsigned error) {
  constexpr unsigned kCheckViolated = 3819;  // ER_CHECK_CONSTRAINT_VIOLATED of MySQL
  return error == ER_DUP_ENTRY || error == ER_NO_SUCH_TABLE || error == ER_CONSTRAINT_FAILED ||
         error == kCheckViolated || error == ER_INVALID_USE_OF_NULL;
}

base::Status DdlExecution::SetEngine(Connection& connection) {
  if (ddl_.engine.empty()) return base::OkStatus();
  return connection.Execute("SET SESSION default_storage_engine=" + ddl_.engine).status();
}

base::Status DdlExecution::RunOn(Connection& connection, const std::string& statement) {
  if (!ddl_.session.empty()) GODWIT_RETURN_IF_ERROR(connection.Execute(ddl_.session).status());
  if (!ddl_.default_schema.empty()) {
    // The session's database need not be one of the task's, or exist here; the statement may do
    // without it.
    base::Status used = connection.Execute("USE " + QuoteName(ddl_.default_schema)).status();
    if (absl::IsUnavailable(used)) return used;
  }
  return connection.Execute(statement).status();
}

PendingDdl DdlExecution::Pending(std::string before) const {
  PendingDdl pending{ddl_.Shown(), ddl_.default_schema, position_, std::move(before)};
  if (state_.pending_ddl) pending.replaced = state_.pending_ddl->replaced;
  return pending;
}

base::Status DdlExecution::Hold(std::string_view why) {
  // What the objects are is for one that is begun; it may be that which cannot be seen.
  PendingDdl pending = Pending(DescribeObjects(control_, ddl_).value_or(""));
  pending.waits_for = why;
  GODWIT_RETURN_IF_ERROR(store_.BeginDdl(control_, pending));
  base::Failpoint("ddl.after_held");
  return Waits(pending.waits_for);
}

base::Status DdlExecution::HoldUnseen(std::string_view statement, std::string_view choice) {
  return Hold(
      fmt::format("{}an earlier run has begun it and was ended, and whether the partition and the "
                  "table have changed places since is not to be seen: the target's user lacks the "
                  "privilege PROCESS, or the table is none of InnoDB's. Compare the table's rows "
                  "with the source's: {}",
                  statement, choice));
}

base::Status DdlExecution::Failed(const base::Status& status, std::string_view what) {
  // Another try may do: the statement stays begun.
  if (!absl::IsFailedPrecondition(status) && !absl::IsInvalidArgument(status))
    return base::Annotate(status, fmt::format("{} at {} failed on the target", what, Place()));
  std::string why = fmt::format("{} failed on the target: {}", what, status.message());
  if (SomeReplaced())
    why += fmt::format("; statements in its place that have been executed, and stay so: {}",
                       state_.pending_ddl->replaced);
  return Hold(why);
}

base::Status DdlExecution::Waits(const std::string& why) const {
  return base::FailedPrecondition(
      "the DDL at {} waits for you: {}\n  statement: {}\nsay what to do about it, then run "
      "again: {}`godwit ddl skip` (leave the target as it is) or `godwit ddl replace --sql "
      "'...'` (execute that instead)",
      Place(), why, ddl_.Shown(), ddl_.obstacle.empty() ? "`godwit ddl retry` (execute it), " : "");
}

base::StatusOr<DdlOutcome> DdlExecution::Finish(DdlOutcome outcome) {
  std::vector<TableState> tables = tables_;
  std::optional<connector::DdlRecord> record;
  if (outcome == DdlOutcome::kExecuted) {
    connector::MarkToCopy(ddl_, tables);
  } else {
    connector::MarkNotExecuted(ddl_, tables);
    record = RecordOf(outcome);
  }
  // Where none is kept, as an earlier version began the task, all count as they are now; one
  // alone would be taken for all there are.
  const std::optional<model::SchemaDefault> schema =
      state_.schemas.empty() ? std::nullopt : ddl_.schema_default;
  base::Failpoint("ddl.before_done");
  GODWIT_RETURN_IF_ERROR(store_.FinishDdl(
      control_, position_.empty() ? state_.applied : position_,
      position_.empty() ? state_.applied_commit_us : commit_time_us_, tables, schema, record));
  base::Failpoint("ddl.after_done");
  // All is done; the next mark begins by removing what is left of this one.
  if (marked_) {
    if (base::Status removed = mark_.Remove(); !removed.ok())
      spdlog::warn("target: a table of Godwit's own is left there: {}", removed.message());
  }
  return outcome;
}

connector::DdlRecord DdlExecution::RecordOf(DdlOutcome outcome) const {
  connector::DdlRecord record{outcome, "", ddl_.Shown(), position_, "", "", commit_time_us_};
  std::set<std::string> names;
  for (const model::DdlChange::Effect& effect : ddl_.effects) names.insert(effect.table.ToString());
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

base::StatusOr<DdlOutcome> ExecuteDdl(const config::Endpoint& endpoint, Connection& control,
                                      const StateStore& store, const model::DdlChange& ddl,
                                      const model::Position& position, int64_t commit_time_us,
                                      const std::vector<TableState>& tables,
                                      const connector::DdlOrder& order) {
  return DdlExecution(endpoint, control, store, ddl, position, commit_time_us, tables).Run(order);
}

}  // namespace godwit::connectors::mysql
