#pragma once

#include <absl/container/flat_hash_map.h>

#include <functional>
#include <memory>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "model/change.h"
#include "pipeline/partial_run.h"
#include "pipeline/row_key.h"

namespace godwit::pipeline {

// Reduces a run of changes to its net effect, row by row, as segments to be applied one after the
// other. Rows stay where they are: the batches that hold them must outlive the segments. One
// thread.
//
// In mode kStrict a row inserted and deleted again leaves nothing, and an update that leads back to
// where it began leaves nothing. In mode kIdempotent the target may be ahead, so that every row
// touched is written or deleted as it is at the end.
class ChangeMerger {
 public:
  // Of the target's table, in mode kIdempotent.
  struct Standing {
    bool exact = false;             // it is in the state before the change that is being added
    bool unique_keys_wait = false;  // it has none besides the row identity yet
    bool looked_up = false;         // PartialRun::Standing
  };
  // Asked only where columns are left out of rows.
  using FindStanding = std::function<Standing(const model::TableName& table)>;

  explicit ChangeMerger(connector::ApplyMode mode, FindStanding standing = nullptr)
      : mode_(mode), standing_(std::move(standing)) {}

  // The keys by which changes of parents reach other tables from now on; null: none do.
  void SetGraph(std::shared_ptr<const connector::ForeignKeyGraph> graph);

  // Adds an insert, update, delete or truncate. `table` lives as long as the segments.
  // kFailedPrecondition: it cannot be applied for want of columns; the message says of which.
  base::Status Add(const model::ChangeEvent& event, const model::TablePtr& table);

  // Adds no more than what follows in other tables from a change that is not written itself.
  base::Status AddUnwritten(const model::ChangeEvent& event, const model::TablePtr& table);

  // The segments so far; the merger is then empty.
  std::vector<connector::ChangeSegment> Take();

  size_t rows() const { return rows_; }
  // Updates of rows that are not there yet, as the source looked them up (PartialRun).
  uint64_t left_to_log() const { return left_to_log_; }
  // Of the segment that is being added to.
  size_t tables() const { return runs_.size(); }

 private:
  struct TableRun {
    model::TablePtr table;
    bool in_order = false;          // its changes are not merged
    bool lacks_columns = false;     // and some of them have rows without all columns
    bool unique_keys_wait = false;  // where `partial`
    std::vector<int> identity;
    std::vector<int> unique_columns;  // that unique keys depend on, without the identity's
    std::vector<int> compared;        // columns by which rows differ on the target; empty: all
    absl::flat_hash_map<RowKey, size_t> index;
    std::vector<NetChange> net;                            // in the order of first mention
    std::vector<connector::TableChanges::Update> ordered;  // where `in_order`
    std::unique_ptr<PartialRun> partial;  // in place of the others once rows lack columns
  };

  TableRun& RunOf(const model::TablePtr& table);
  void Remove(TableRun& run, model::Row before);
  void Put(TableRun& run, model::Row after);
  void Change(TableRun& run, model::Row before, model::Row after);
  base::Status AddToPart(TableRun& run, const model::ChangeEvent& event);
  void AddCascade(const model::ChangeEvent& event, const model::TablePtr& table);
  base::StatusOr<bool> ReachesOthers(const model::ChangeEvent& event) const;
  void CloseSegment();
  connector::TableChanges NetEffect(TableRun& run) const;

  const connector::ApplyMode mode_;
  const FindStanding standing_;
  std::shared_ptr<const connector::ForeignKeyGraph> graph_;
  std::vector<connector::ChangeSegment> closed_;
  std::vector<connector::Truncation> truncated_;
  std::vector<connector::Cascade> cascades_;
  std::vector<std::unique_ptr<TableRun>> runs_;
  absl::flat_hash_map<const model::Table*, TableRun*> run_of_;  // a group may be of many tables
  TableRun* last_run_ = nullptr;
  size_t rows_ = 0;
  uint64_t left_to_log_ = 0;
};

}  // namespace godwit::pipeline
