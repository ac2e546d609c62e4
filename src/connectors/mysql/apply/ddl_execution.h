#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/endpoint.h"
#include "connector/destination.h"
#include "connector/task_state.h"
#include "connectors/mysql/apply/ddl_traces.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/state/state_store.h"
#include "model/change.h"

namespace godwit::connectors::mysql {

// One DDL on its way (ExecuteDdl). What it is given is borrowed.
class DdlExecution {
 public:
  DdlExecution(const config::Endpoint& endpoint, Connection& control, const StateStore& store,
               const model::DdlChange& ddl, const model::Position& position, int64_t commit_time_us,
               const std::vector<connector::TableState>& tables)
      : endpoint_(endpoint),
        control_(control),
        store_(store),
        ddl_(ddl),
        position_(position),
        commit_time_us_(commit_time_us),
        tables_(tables),
        marked_(ddl.only_renames && !ddl.statement.empty()),
        mark_(control, store) {}

  base::StatusOr<connector::DdlOutcome> Run(const connector::DdlOrder& order);

 private:
  // --- one statement (ddl_executor.cc)
  bool IsPending(const connector::PendingDdl& pending) const;
  base::StatusOr<connector::DdlOutcome> Execute();
  base::Status Drop(const std::vector<model::TableName>& names);
  // The statement as the target needs it, which has, while it is being caught up with, the
  // databases of a later moment.
  base::StatusOr<std::string> StatementNow();
  // Whether a statement that an earlier run has begun needs no execution any more; nothing where
  // that is not to be seen. `now`: what the catalogue says.
  base::StatusOr<std::optional<bool>> HasHappened(const std::string& now);
  // Why a table whose name another one takes is not to be dropped for that; empty: it may be.
  base::StatusOr<std::string> WhyNameIsKept();
  bool IsLeftToCopy() const;
  base::StatusOr<connector::DdlOutcome> LeaveToCopy();
  base::Status DropHalfMade();
  base::Status SetEngine(Connection& connection);

  // --- several statements (ddl_steps.cc)
  // What takes several statements here, each of which commits: they are kept like those of an
  // operator. Those that are done by now are not done again.
  base::StatusOr<connector::DdlOutcome> ExecuteSteps();
  // How many of the first steps are the first of these statements.
  size_t StepsAmong(const std::vector<std::string>& statements) const;
  // Whether it is about a table that is made anew, by a copy.
  bool IsOfCopied(const std::string& statement) const;
  base::StatusOr<connector::DdlOutcome> Replace();
  // The steps of the DDL (`own`) or the operator's statements, one after the other, each like a DDL
  // of the log.
  base::Status RunStatements(bool own);
  // What a statement of the operator's is about, with what the DDL is about, and how to execute it
  // once more.
  model::DdlChange ObjectsOf(const std::string& statement, const Connection& executor) const;

  // --- both
  base::StatusOr<std::unique_ptr<Connection>> OpenExecutor() const;
  base::Status RunOn(Connection& connection, const std::string& statement);
  // Statements of a replacement that failed later on.
  bool SomeReplaced() const { return state_.pending_ddl && state_.pending_ddl->replaced > 0; }
  connector::PendingDdl Pending(std::string before) const;
  // From here on the operator is asked.
  base::Status Hold(std::string_view why);
  // That it is not to be seen whether an EXCHANGE has happened; `choice`: what is to be done then.
  base::Status HoldUnseen(std::string_view statement, std::string_view choice);
  base::Status Failed(const base::Status& status, std::string_view what);
  base::Status Waits(const std::string& why) const;
  std::string Place() const { return position_.text.empty() ? "this place" : position_.text; }
  base::StatusOr<connector::DdlOutcome> Finish(connector::DdlOutcome outcome);
  connector::DdlRecord RecordOf(connector::DdlOutcome outcome) const;

  const config::Endpoint& endpoint_;
  Connection& control_;
  const StateStore& store_;
  const model::DdlChange& ddl_;
  const model::Position& position_;
  const int64_t commit_time_us_;
  const std::vector<connector::TableState>& tables_;
  const bool marked_;
  RenameMark mark_;
  bool catching_up_ = false;
  bool rows_are_ahead_ = false;
  connector::TaskState state_;  // its pending DDL is this one, or none
};

// Two rows with the same value of a new unique key; or the table has gone since, as the operator
// has made room for its copy.
bool IsOfRowsAhead(unsigned error);

}  // namespace godwit::connectors::mysql
