#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "model/change.h"
#include "pipeline/fitted_table.h"
#include "pipeline/progress.h"
#include "pipeline/task_tables.h"

namespace godwit::pipeline {

// The tables of a task that the target has otherwise than the source (TargetForm), as their rows
// are to be written there. One thread.
class FittedTables {
 public:
  // Asks the target for them, as `tables` has them now. Errors as FitTable's, and
  // kFailedPrecondition for one that the target should have and has not.
  base::Status Refresh(TaskTables& tables, connector::Destination& destination, Progress& progress);

  struct Change {
    const model::TablePtr* table;  // as it is written; valid until the next call
    // False: it is left out, as the target has no such table, or no columns for what has changed.
    // What follows from it in other tables is not.
    bool written;
  };
  // What a row change of `batch` is on the target. Counts what is left out. kFailedPrecondition: it
  // cannot be made there; the message says what would have to be otherwise.
  base::StatusOr<Change> Take(const model::ChangeEvent& event, const model::ChangeBatch& batch,
                              Progress& progress);
  // Whether a statement is about nothing but tables that the target has not. `tables`: as they are
  // before it.
  bool ConcernsOnlyMissing(const model::DdlChange& ddl, const TaskTables& tables) const;
  // The graph with its children as they are written. Those that are missing are in it only where
  // others follow them.
  std::shared_ptr<const connector::ForeignKeyGraph> Fit(
      std::shared_ptr<const connector::ForeignKeyGraph> graph) const;

 private:
  // Null: the target's is the same. Without a table: the target has none, its rows are left out.
  const FittedTable* Find(const model::TableName& name) const;
  bool IsMissing(const model::TableName& name) const;
  // Whether rows of a table that the target has follow those of this one.
  bool IsFollowed(const connector::ForeignKeyGraph& graph, const model::TableName& name) const;

  std::map<model::TableName, FittedTable> tables_;
  // The table of the last change, and what is written of it.
  model::TablePtr last_source_;
  const FittedTable* last_fitted_ = nullptr;
};

}  // namespace godwit::pipeline
