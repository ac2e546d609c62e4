#include "connectors/postgres/schema/ddl_executor.h"

#include <absl/algorithm/container.h>

#include "base/failpoint.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::DdlAction;
using connector::DdlOutcome;
using connector::DdlVerb;
using connector::PendingDdl;

class Execution {
 public:
  Execution(Connection& target, const StateStore& store, const model::DdlChange& ddl,
            const model::Position& position, int64_t commit_time_us,
            std::vector<connector::TableState> tables, const KeysAround& keys)
      : target_(target),
        store_(store),
        ddl_(ddl),
        position_(position),
        commit_time_us_(commit_time_us),
        tables_(std::move(tables)),
        keys_(keys) {}

  base::StatusOr<DdlOutcome> Run(const connector::DdlOrder& order) {
    GODWIT_ASSIGN_OR_RETURN(std::optional<connector::TaskState> state, store_.Load(target_));
    if (!state) return base::FailedPrecondition("the task's state has gone from the target");
    pending_ = std::move(state->pending_ddl);
    if (pending_ && !IsPending(*pending_)) pending_.reset();
    rows_are_ahead_ = order.rows_are_ahead;
    const DdlVerb verb = pending_ ? pending_->verb : DdlVerb::kNone;
    if (verb == DdlVerb::kSkip) return Finish(DdlOutcome::kSkipped, {});
    if (verb == DdlVerb::kReplace) return Finish(DdlOutcome::kReplaced, pending_->replacement);
    if (order.action == DdlAction::kIgnore) return Finish(DdlOutcome::kIgnored, {});
    if (pending_ && verb == DdlVerb::kNone) return Waits(pending_->waits_for);
    if (!ddl_.obstacle.empty()) return Hold(ddl_.obstacle);
    const bool asks = order.action == DdlAction::kStop && verb != DdlVerb::kRetry;
    if (asks || order.action == DdlAction::kBlocked) return Hold(order.why);
    if (IsLeftToCopy()) return Finish(DdlOutcome::kExecuted, {});
    return Finish(
        DdlOutcome::kExecuted,
        {order.catching_up && !ddl_.where_there.empty() ? ddl_.where_there : ddl_.statement});
  }

 private:
  bool ConcernsOneTable() const {
    return ddl_.effects.size() == 1 && ddl_.effects[0].renamed_from.table.empty();
  }
  // The table is made and copied anew, by the next run. (Where there are several, the statement is
  // without what is for the copy.)
  bool IsLeftToCopy() const { return ConcernsOneTable() && !ddl_.effects[0].by_copy.empty(); }
  // Whether a key or a check has met rows of later moments, which StreamDdl then leaves to a copy.
  bool IsOfRowsAhead() const {
    constexpr std::string_view kIntegrity = "23";
    return rows_are_ahead_ && ConcernsOneTable() && !IsLeftToCopy() &&
           target_.last_state().starts_with(kIntegrity);
  }

  // A statement that is made from the catalogue may be another by now; what it is about is not.
  bool IsPending(const PendingDdl& pending) const {
    const bool about =
        !ddl_.effects.empty() &&
        pending.statement.find(QuoteName(ddl_.effects[0].table)) != std::string::npos;
    return pending.position == position_ && (about || pending.statement == ddl_.Shown());
  }

  // The statements and that they are done, in one transaction.
  base::StatusOr<DdlOutcome> Finish(DdlOutcome outcome,
                                    const std::vector<std::string>& statements) {
    const base::Status done = InTransaction(outcome, statements);
    if (done.ok()) return outcome;
    target_.Execute("ROLLBACK").IgnoreError();
    if (of_rows_ahead_) return base::Status(base::StatusCode::kAlreadyExists, done.message());
    const bool passes =
        absl::IsUnavailable(done) || absl::IsAborted(done) || absl::IsCancelled(done);
    if (passes || !failed_) return done;
    return Hold(std::string(done.message()));
  }

  base::Status InTransaction(DdlOutcome outcome, const std::vector<std::string>& statements) {
    GODWIT_RETURN_IF_ERROR(target_.Execute("BEGIN").status());
    GODWIT_RETURN_IF_ERROR(store_.HoldEpoch(target_));
    base::Failpoint("ddl.before_execute");
    GODWIT_RETURN_IF_ERROR(ExecuteBetweenKeys(outcome, statements));
    base::Failpoint("ddl.after_execute");
    if (outcome == DdlOutcome::kExecuted) {
      connector::MarkToCopy(ddl_, tables_);
      GODWIT_RETURN_IF_ERROR(
          store_.WriteDdlDone(target_, position_, commit_time_us_, tables_, std::nullopt));
    } else {
      connector::MarkNotExecuted(ddl_, tables_);
      GODWIT_RETURN_IF_ERROR(
          store_.WriteDdlDone(target_, position_, commit_time_us_, tables_, Record(outcome)));
    }
    GODWIT_RETURN_IF_ERROR(target_.Execute("COMMIT").status());
    base::Failpoint("ddl.after_finish");
    return base::OkStatus();
  }

  base::Status ExecuteBetweenKeys(DdlOutcome outcome, const std::vector<std::string>& statements) {
    if (absl::c_all_of(statements, [](const auto& s) { return s.empty(); }))
      return base::OkStatus();
    const bool as_it_stands = outcome == DdlOutcome::kExecuted;
    if (as_it_stands) GODWIT_RETURN_IF_ERROR(Execute(keys_.before));
    GODWIT_RETURN_IF_ERROR(Execute(statements));
    return Execute(as_it_stands ? keys_.after : keys_.after_other);
  }

  base::Status Execute(const std::vector<std::string>& statements) {
    for (const std::string& statement : statements) {
      if (statement.empty()) continue;
      const base::Status executed = target_.Execute(statement).status();
      failed_ = !executed.ok();
      of_rows_ahead_ = failed_ && IsOfRowsAhead();
      GODWIT_RETURN_IF_ERROR(executed);
    }
    return base::OkStatus();
  }

  connector::DdlRecord Record(DdlOutcome outcome) const {
    connector::DdlRecord record{.outcome = outcome,
                                .statement = ddl_.Shown(),
                                .position = position_,
                                .why = pending_ ? pending_->waits_for : "",
                                .commit_time_us = commit_time_us_};
    for (const model::DdlChange::Effect& effect : ddl_.effects)
      record.tables += (record.tables.empty() ? "" : ", ") + effect.table.ToString();
    if (outcome != DdlOutcome::kReplaced) return record;
    for (const std::string& statement : pending_->replacement)
      record.instead += (record.instead.empty() ? "" : ";\n") + statement;
    return record;
  }

  // Until the operator has decided.
  base::Status Hold(const std::string& why) {
    PendingDdl pending{.statement = ddl_.Shown(), .position = position_, .waits_for = why};
    GODWIT_RETURN_IF_ERROR(store_.BeginDdl(target_, pending));
    base::Failpoint("ddl.after_held");
    return Waits(why);
  }

  base::Status Waits(const std::string& why) const {
    return base::FailedPrecondition(
        "the DDL at {} waits for you: {}\n  statement: {}\nsay what to do about it, then run "
        "again: {}`godwit ddl skip` (leave the target as it is) or `godwit ddl replace --sql "
        "'...'` (execute that instead)",
        position_.text, why, ddl_.Shown(),
        ddl_.obstacle.empty() ? "`godwit ddl retry` (execute it), " : "");
  }

  Connection& target_;
  const StateStore& store_;
  const model::DdlChange& ddl_;
  const model::Position& position_;
  const int64_t commit_time_us_;
  std::vector<connector::TableState> tables_;
  const KeysAround& keys_;
  std::optional<PendingDdl> pending_;
  bool rows_are_ahead_ = false;
  bool of_rows_ahead_ = false;
  bool failed_ = false;  // a statement, and not what is around it
};

}  // namespace

base::StatusOr<DdlOutcome> ExecuteDdl(Connection& target, const StateStore& store,
                                      const model::DdlChange& ddl, const model::Position& position,
                                      int64_t commit_time_us,
                                      const std::vector<connector::TableState>& tables,
                                      const connector::DdlOrder& order, const KeysAround& keys) {
  return Execution(target, store, ddl, position, commit_time_us, tables, keys).Run(order);
}

}  // namespace godwit::connectors::postgres
