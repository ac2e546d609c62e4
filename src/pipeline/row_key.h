#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "model/cell.h"

namespace godwit::pipeline {

// The values that identify a row, wherever they are. What it points to must outlive it.
struct RowKey {
  const model::Cell* cells;
  const std::vector<int>* columns;

  bool operator==(const RowKey& other) const {
    return std::equal(columns->begin(), columns->end(), other.columns->begin(),
                      other.columns->end(),
                      [&](int a, int b) { return cells[a] == other.cells[b]; });
  }
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

// A row's net change, while a run of changes is being reduced.
struct NetChange {
  const model::Cell* key;  // a row that has the key, there or not
  model::Row before;       // as the run found it; empty: not there
  model::Row after;        // as the run left it; empty: not there
};

}  // namespace godwit::pipeline
