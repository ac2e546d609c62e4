#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "connector/source.h"
#include "connector/task_state.h"

namespace godwit::pipeline {

// The tables of a task as its state has them, with their definitions read. One thread.
class TaskTables {
 public:
  // `source` is borrowed.
  static base::StatusOr<TaskTables> Make(const connector::Source& source,
                                         std::vector<connector::TableState> states);

  std::map<model::TableName, connector::TableState>& states() { return states_; }
  void PutState(connector::TableState state);
  void PutTable(connector::TableState state, model::TablePtr table);
  const std::map<model::TableName, connector::TableState>& states() const { return states_; }
  std::vector<connector::TableState> StateList() const;
  connector::TableDefinition Definition(const model::TableName& name) const;
  std::vector<connector::TableDefinition> Definitions() const;  // of all that exist

  // What a change stream that begins at `after` has to follow.
  std::vector<connector::TrackedTable> Tracked() const;

  // What a DDL of the log makes of the states; the changed ones, as they are to be saved.
  std::vector<connector::TableState> Follow(const model::DdlChange& ddl);

  // The foreign keys that act on tables whose copy does not yet have what happens at `position`;
  // null when none do.
  std::shared_ptr<const connector::ForeignKeyGraph> GraphAt(const model::Position& position) const;
  // The greatest token of all copies; empty when nothing was copied.
  model::Position CopyEnd() const;

 private:
  explicit TaskTables(const connector::Source& source) : source_(&source) {}

  const connector::Source* source_;
  std::map<model::TableName, connector::TableState> states_;
  std::map<model::TableName, model::TablePtr> tables_;
};

}  // namespace godwit::pipeline
