#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "connector/destination.h"
#include "connector/task_state.h"

namespace godwit::pipeline {

// How each table of a run stands, for whoever shows it: what the task's state says of it, and what
// the run has counted. Thread-safe.
class TableBoard {
 public:
  struct Table {
    connector::TableStage stage = connector::TableStage::kPending;
    connector::TargetForm form = connector::TargetForm::kAsDefined;
    uint64_t ranges = 0, ranges_done = 0;        // while it is copied
    uint64_t rows = 0, bytes = 0;                // copied, by earlier runs too
    uint64_t rows_estimate = 0;                  // the source's guess; 0: none
    uint64_t rows_of_run = 0, bytes_of_run = 0;  // copied by this run
    uint64_t changes = 0;                        // of its rows, written by this run
    std::string error;                           // why the run has ended, where it was this table
    bool has_series = false;                     // one of the kMostSeries that are told of by name
  };
  using Named = std::pair<model::TableName, Table>;
  // So many tables have metrics of their own: the first that the run had rows of, which for a copy
  // are the largest. They keep them until the run ends.
  static constexpr size_t kMostSeries = 100;

  // All tables as the state has them by now; what the run has counted stays, errors go.
  void Reset(const std::map<model::TableName, connector::TableState>& states);
  // One of them, which may have gone.
  void Put(const connector::TableState& state);
  void Estimate(const model::TableName& name, uint64_t rows);
  // A chunk is on the target; `ends_range`: the last one of its range.
  void Copied(const model::TableName& name, uint64_t rows, uint64_t bytes, bool ends_range);
  // The changes are on the target.
  void Applied(const std::vector<connector::ChangeSegment>& segments);
  void Failed(const model::TableName& name, std::string why);

  bool Has(const model::TableName& name) const;
  // Grows with each change of what follows.
  uint64_t version() const;
  // In the order of their names: from the first after `after` on (an empty one: from the first on)
  // those that `wanted` is true of, until it is asked for no more than `most`.
  template <typename Wanted>
  std::vector<Named> List(const model::TableName& after, size_t most, Wanted wanted) const {
    std::vector<Named> list;
    std::lock_guard lock(mutex_);
    for (auto at = after.table.empty() ? tables_.begin() : tables_.upper_bound(after);
         at != tables_.end() && list.size() < most; ++at) {
      if (wanted(at->second)) list.emplace_back(*at);
    }
    return list;
  }
  // Looks at each of them.
  template <typename Look>
  void ForEach(Look look) const {
    std::lock_guard lock(mutex_);
    for (const auto& [name, table] : tables_) look(name, table);
  }

 private:
  void Take(const connector::TableState& state, Table& table);
  void GiveSeries(Table& table);

  mutable std::mutex mutex_;
  std::map<model::TableName, Table> tables_;
  size_t series_ = 0;
  uint64_t version_ = 0;
};

}  // namespace godwit::pipeline
