#pragma once

#include <absl/container/flat_hash_map.h>

#include <memory>
#include <span>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "connector/destination.h"
#include "model/change.h"
#include "pipeline/row_key.h"

namespace godwit::pipeline {

// Reduces a run of changes of one table with a row identity to its net effect, where the source's
// log leaves columns out of rows.
//
// A row is whole once a change in the run has all its columns (absent ones of an inserted row are
// defaults): from then on it is deleted and inserted like any other. Of other rows the run knows
// only what has changed. Where that is neither the identity nor part of a unique key, all changes
// of the row become one; else they are kept one by one. What these take is free at their turn, for
// it was on the source, and of all rows that the run touches the target has then at most those that
// the source had: the deleted ones are gone already, the inserted ones are yet to come, and whole
// ones are deleted and inserted again.
//
// One thread. Rows stay where they are, or live in memory().
class PartialRun {
 public:
  // Takes over what a run without such rows has come to so far.
  PartialRun(const model::Table& table, connector::ApplyMode mode,
             const std::vector<NetChange>& so_far);

  // What is known of the target's table before a change.
  struct Standing {
    bool exact = false;  // it is in the state before the change
    // The source has looked up rows of it, which are of a later moment, or were gone by then
    // (model::ChangeBatch::ahead_until).
    bool looked_up = false;
  };
  // Adds an insert, update or delete. kFailedPrecondition: a row that is not whole gets another
  // identity where the target may be ahead of the log, so that it may have been copied under
  // neither. kDataLoss: the log updates a row that is not there, and it is not that one which came
  // by a change whose row was looked up and had gone on: such an update is left to what the log
  // brings later.
  base::Status Add(const model::ChangeEvent& event, const Standing& standing);

  // How many updates were.
  uint64_t left_to_log() const { return left_to_log_; }

  // Adds the net effect to `changes`; the run must not be used any more.
  void NetEffect(connector::TableChanges& changes);

  // Where rows live that are put together from several changes.
  const std::shared_ptr<base::Arena>& memory() const { return memory_; }

 private:
  struct Entry {
    NetChange net;               // absent columns of `before` are not known
    std::span<model::Cell> own;  // `net.after`, where it is put together here
    bool whole = true;           // absent columns of `net.after` are defaults; else unchanged
    bool moved = false;          // it has another identity than it has on the target
    bool claims = false;         // its changes are to be made one by one
  };
  struct Step {
    size_t entry;
    connector::TableChanges::Update change;
  };

  size_t EntryAt(model::Row row);  // made, with neither before nor after, where there is none
  void Remove(model::Row before);
  void Put(const model::Cell* key, model::Row after, std::span<model::Cell> own);
  base::Status ChangePart(const model::ChangeEvent& event, const Standing& standing);
  void Overlay(Entry& entry, model::Row before, model::Row after);
  bool IsComplete(model::Row row) const;
  bool TakesUniqueValue(const model::ChangeEvent& event) const;
  bool KeepsUniqueValues(model::Row before, model::Row after) const;

  const model::Table& table_;
  const connector::ApplyMode mode_;
  const std::vector<int> identity_;
  std::vector<int> written_;         // columns that rows are written with
  std::vector<int> unique_columns_;  // of unique keys, without the identity's
  bool all_take_ = false;            // a unique key holds more than columns of its own
  absl::flat_hash_map<RowKey, size_t> index_;
  std::vector<Entry> entries_;  // in the order of first mention
  std::vector<Step> steps_;     // of rows that were not whole, in log order
  uint64_t left_to_log_ = 0;
  std::shared_ptr<base::Arena> memory_ = std::make_shared<base::Arena>();
};

}  // namespace godwit::pipeline
