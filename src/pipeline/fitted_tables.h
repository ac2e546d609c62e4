#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "model/change.h"
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

  // The table as which a row change of `batch` is to be written; null: it is left out, as the
  // target has no such table, or no columns for what has changed. Counts what is left out.
  // Valid until the next call.
  const model::TablePtr& Take(const model::ChangeEvent& event, const model::ChangeBatch& batch,
                              Progress& progress);
  // Whether a statement is about nothing but tables that the target has not. `tables`: as they are
  // before it.
  bool ConcernsOnlyMissing(const model::DdlChange& ddl, const TaskTables& tables) const;
  // The graph with its children as they are written; those that are missing are not in it.
  std::shared_ptr<const connector::ForeignKeyGraph> Fit(
      std::shared_ptr<const connector::ForeignKeyGraph> graph) const;

 private:
  struct Entry {
    model::TablePtr table;  // null: the target has none, its rows are left out
    std::vector<std::string> left_out;
  };
  // Null: the target's is the same.
  const Entry* Find(const model::TableName& name) const;

  std::map<model::TableName, Entry> entries_;
  // The table of the last change, and what is written of it.
  model::TablePtr last_source_, last_table_;
  const Entry* last_entry_ = nullptr;
  const model::TablePtr none_;
};

}  // namespace godwit::pipeline
