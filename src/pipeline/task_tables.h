#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "connector/source.h"
#include "connector/task_state.h"

namespace godwit::pipeline {

// Whether the table is yet to be created, or what there is of it to be created anew.
bool IsToBeMade(const connector::TableState& state);

// Whether the target's table is the task's own work, which it may drop. A table that was only
// followed (mode stream), or kept and added to, was made by someone else.
bool MadeByUs(const connector::TableState& state);

// The tables of a task as its state has them, with their definitions read. One thread.
class TaskTables {
 public:
  // `source` is borrowed.
  static base::StatusOr<TaskTables> Make(connector::Source& source,
                                         std::vector<connector::TableState> states);

  std::map<model::TableName, connector::TableState>& states() { return states_; }
  void PutState(connector::TableState state);
  void PutTable(connector::TableState state, model::TablePtr table);
  const std::map<model::TableName, connector::TableState>& states() const { return states_; }
  // Those of online schema changes, of which none is in states().
  const std::map<model::TableName, connector::TableState>& aside() const { return aside_; }
  std::vector<connector::TableState> StateList() const;
  connector::TableDefinition Definition(const model::TableName& name) const;
  std::vector<connector::TableDefinition> Definitions() const;  // of all that exist

  // What a change stream that begins at `after` has to follow.
  std::vector<connector::TrackedTable> Tracked() const;

  // What a DDL of the log, which ends at `position`, makes of the states; the changed ones, as they
  // are to be saved. A table that has come into the task is to be copied, and has no definition
  // yet; so is one that was renamed during its copy, and one that gets a key that acts on it from a
  // parent that is not followed yet.
  std::vector<connector::TableState> Follow(const model::DdlChange& ddl,
                                            const model::Position& position);

  // Whether the statement, after which `position` is, moves rows without a trace in the log from or
  // to a table that was read in part before it and in part after it.
  bool MovesRowsDuringCopy(const model::DdlChange& ddl, const model::Position& position) const;
  // After it was executed: `changed` are the tables that Follow gave, of which it may leave some to
  // a copy (model::DdlChange::Effect::by_copy).
  void LeaveToCopy(const model::DdlChange& ddl, std::vector<connector::TableState>& changed);

  // The foreign keys that act on tables whose copy does not yet have what happens at `position`;
  // null when none do.
  std::shared_ptr<const connector::ForeignKeyGraph> GraphAt(const model::Position& position) const;
  // Whether chunks of the table's copy may have what happens at `position`.
  bool MayBeAhead(const model::TableName& table, const model::Position& position) const;
  // Whether the target's table has no unique keys besides the row identity yet.
  bool UniqueKeysWait(const model::TableName& table) const;
  // The source has looked up rows of the table, so that those on the target may be of moments up to
  // this; gives its state for SaveTables.
  connector::TableState SetAheadUntil(const model::TableName& table, model::Position position);
  // Whether it has, in this run: a group of changes is not taken apart by the end of one.
  bool HasLookedUp(const model::TableName& table) const { return looked_up_.contains(table); }
  // Whether there are tables whose copy has not ended.
  bool SomeToCopy() const;
  // The greatest token of all copies; empty when nothing was copied.
  model::Position CopyEnd() const;

 private:
  TaskTables(const connector::Source& source, std::string dialect)
      : source_(&source), dialect_(std::move(dialect)) {}

  void SetTable(const model::TableName& name, model::TablePtr table);
  void EraseTable(const model::TableName& name);
  // Empty positions and tokens: no.
  bool IsBefore(const model::Position& position, const model::Position& token) const;
  // Whether some of the table may have been read at the position or after it.
  bool MayHavePassed(const connector::TableState& state, const model::Position& position) const;
  bool MissesParent(const model::Table& table, const model::Position& position) const;

  const connector::Source* source_;
  std::string dialect_;
  // Makes of the states what one effect says of a table that has a part in an online schema change;
  // false where that is not what it is about.
  bool FollowAside(const model::DdlChange::Effect& effect,
                   std::vector<connector::TableState>& changed);

  std::map<model::TableName, connector::TableState> states_;
  // Tables of online schema changes (stages from kShadow on), which the target has not, or keeps as
  // they are.
  std::map<model::TableName, connector::TableState> aside_;
  std::map<model::TableName, model::TablePtr> tables_;
  std::set<model::TableName> looked_up_;
  // Those of them that foreign keys act on: asked for with every group, and few.
  std::map<model::TableName, model::TablePtr> acted_on_;
};

}  // namespace godwit::pipeline
