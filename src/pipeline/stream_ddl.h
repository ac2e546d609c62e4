#pragma once

#include <vector>

#include "base/status.h"
#include "config/task.h"
#include "connector/destination.h"
#include "model/change.h"
#include "pipeline/fitted_tables.h"
#include "pipeline/progress.h"
#include "pipeline/task_tables.h"

namespace godwit::pipeline {

// Brings the DDL of the log to the target, one statement at a time, as the task's rules say. All of
// them are borrowed. One thread.
class StreamDdl {
 public:
  // `catching_up`: the target has not all its keys yet.
  StreamDdl(const config::DdlOptions& rules, connector::Destination& destination,
            TaskTables& tables, FittedTables& fitted, Progress& progress, bool catching_up)
      : rules_(rules),
        destination_(destination),
        tables_(tables),
        fitted_(fitted),
        progress_(progress),
        catching_up_(catching_up) {}

  // To be called when all before the statement is committed (R6). kAborted: it has brought a table
  // into the task that has to be copied first (the state says so).
  base::Status Apply(const model::ChangeEvent& event);

 private:
  // The definitions before the statement of the tables that it is about, of their parents by
  // foreign keys, and where they go or come of their children.
  std::vector<connector::TableDefinition> Known(const model::DdlChange& ddl) const;
  void LeaveKeysForLater(std::vector<connector::TableState>& changed);
  base::Status TakeOutcome(const model::DdlChange& ddl, connector::DdlOutcome outcome,
                           std::vector<connector::TableState>& changed);
  // Whether the target's rows of the table that the effect leaves may be of later moments.
  bool IsAhead(const model::DdlChange::Effect& effect, const model::Position& position) const;
  base::StatusOr<connector::DdlOutcome> Execute(const model::ChangeEvent& event,
                                                const model::DdlChange& ddl,
                                                connector::DdlOrder order,
                                                const std::vector<connector::TableState>& changed);
  // `ahead`: those effects of the statement.
  base::Status CreateKeys(const model::DdlChange& ddl,
                          const std::vector<model::DdlChange::Effect*>& ahead);

  const config::DdlOptions& rules_;
  connector::Destination& destination_;
  TaskTables& tables_;
  FittedTables& fitted_;
  Progress& progress_;
  const bool catching_up_;
};

}  // namespace godwit::pipeline
