#pragma once

#include <atomic>
#include <mutex>

#include "model/table.h"
#include "verify/report.h"

namespace godwit::verify {

// A table under comparison and what was found of it so far. Thread-safe.
class ComparedTable {
 public:
  // `samples`: how many differing rows are kept to be named.
  ComparedTable(model::TablePtr table, uint64_t estimated_row_bytes, size_t samples)
      : row_bytes(estimated_row_bytes), table_(std::move(table)), most_samples_(samples) {
    report_.name = table_->name;
    report_.has_key = !table_->RowIdentity().empty();
  }

  const model::Table& table() const { return *table_; }

  void AddEqual(uint64_t rows);
  void AddUnsettled(uint64_t rows);
  void Add(Difference difference, uint64_t rows = 1);
  // Names a row that was counted, unless enough are named.
  void AddSample(RowSample sample);

  // The comparison of this table ends here; the first reason stays.
  void Fail(std::string problem);
  bool failed() const;
  // Rows counted as differing.
  uint64_t differing() const;
  void AddLeftOut(uint64_t rows);

  TableReport Report() const;

  std::atomic<uint64_t> row_bytes;     // of a row, about
  std::atomic<size_t> ranges_left{1};  // not compared yet

 private:
  const model::TablePtr table_;
  const size_t most_samples_;
  mutable std::mutex mutex_;  // of what follows
  TableReport report_;
};

}  // namespace godwit::verify
