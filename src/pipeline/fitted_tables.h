#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "pipeline/progress.h"
#include "pipeline/task_tables.h"

namespace godwit::pipeline {

// The tables of a task that the target has otherwise than the source (TargetForm), as their rows
// are to be written there. One thread.
class FittedTables {
 public:
  struct Entry {
    model::TablePtr table;  // null: the target has none, its rows are left out
    std::vector<std::string> left_out;
  };

  // Asks the target for them, as `tables` has them now. Errors as FitTable's, and
  // kFailedPrecondition for one that the target should have and has not.
  base::Status Refresh(TaskTables& tables, connector::Destination& destination, Progress& progress);

  // Null: the target's is the same.
  const Entry* Find(const model::TableName& name) const;
  // Whether a statement is about nothing but tables that the target has not.
  bool ConcernsOnlyMissing(const model::DdlChange& ddl) const;
  // The graph with its children as they are written; those that are missing are not in it.
  std::shared_ptr<const connector::ForeignKeyGraph> Fit(
      std::shared_ptr<const connector::ForeignKeyGraph> graph) const;

 private:
  std::map<model::TableName, Entry> entries_;
};

}  // namespace godwit::pipeline
