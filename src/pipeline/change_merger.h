#pragma once

#include <absl/container/flat_hash_map.h>

#include <memory>
#include <set>
#include <vector>

#include "connector/destination.h"
#include "model/change.h"

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
  explicit ChangeMerger(connector::ApplyMode mode) : mode_(mode) {}

  // The keys by which changes of parents reach other tables from now on; null: none do.
  void SetGraph(std::shared_ptr<const connector::ForeignKeyGraph> graph);

  // Adds an insert, update or delete. `table` lives as long as the segments.
  void Add(const model::ChangeEvent& event, const model::TablePtr& table);

  // The segments so far; the merger is then empty.
  std::vector<connector::ChangeSegment> Take();

  size_t rows() const { return rows_; }

 private:
  // The values that identify a row, wherever they are.
  struct RowKey {
    const model::Cell* cells;
    const std::vector<int>* columns;
    bool operator==(const RowKey& other) const;
    template <typename H>
    friend H AbslHashValue(H h, const RowKey& key) {
      for (int c : *key.columns) {
        const model::Cell& cell = key.cells[c];
        h = cell.has_view() ? H::combine(std::move(h), cell.view())
                            : H::combine(std::move(h), cell.uint_value());
      }
      return h;
    }
  };
  struct NetChange {
    const model::Cell* key;  // a row that has the key, there or not
    model::Row before;       // as the run found it; empty: not there
    model::Row after;        // as the run left it; empty: not there
  };
  struct TableRun {
    model::TablePtr table;
    bool in_order = false;  // its changes are not merged
    std::vector<int> identity;
    std::vector<int> unique_columns;  // of unique keys, without the identity's
    absl::flat_hash_map<RowKey, size_t> index;
    std::vector<NetChange> net;                            // in the order of first mention
    std::vector<connector::TableChanges::Update> ordered;  // where `in_order`
  };

  TableRun& RunOf(const model::TablePtr& table);
  void Remove(TableRun& run, model::Row before);
  void Put(TableRun& run, model::Row after);
  void Change(TableRun& run, model::Row before, model::Row after);
  void AddCascade(const model::ChangeEvent& event, const model::TablePtr& table);
  bool ReachesOthers(const model::ChangeEvent& event) const;
  void CloseSegment();
  connector::TableChanges NetEffect(TableRun& run) const;

  const connector::ApplyMode mode_;
  std::shared_ptr<const connector::ForeignKeyGraph> graph_;
  std::vector<connector::ChangeSegment> closed_;
  std::vector<connector::Cascade> cascades_;
  std::vector<std::unique_ptr<TableRun>> runs_;
  absl::flat_hash_map<const model::Table*, TableRun*> run_of_;  // a group may be of many tables
  TableRun* last_run_ = nullptr;
  size_t rows_ = 0;
};

}  // namespace godwit::pipeline
