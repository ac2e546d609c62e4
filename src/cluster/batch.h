#pragma once

#include <utility>
#include <vector>

#include "cluster/keys.h"
#include "store/store.h"

namespace godwit::cluster {

// Writes that belong together, each with what it relies on, packed into as few transactions as the
// store's limit allows, all on condition of the leadership.
class Batch {
 public:
  explicit Batch(store::Revision leadership) : leadership_(leadership) {}

  // These take effect together or not at all.
  void Add(std::vector<store::Condition> conditions, std::vector<store::Write> writes) {
    if (transactions_.empty() ||
        transactions_.back().conditions.size() + conditions.size() > store::kMostOperations ||
        transactions_.back().writes.size() + writes.size() > store::kMostOperations) {
      transactions_.push_back({{{std::string(kLeaderKey), leadership_}}, {}});
    }
    store::Transaction& transaction = transactions_.back();
    for (auto& condition : conditions) transaction.conditions.push_back(std::move(condition));
    for (auto& write : writes) transaction.writes.push_back(std::move(write));
  }
  std::vector<store::Transaction> Take() { return std::move(transactions_); }

 private:
  const store::Revision leadership_;
  std::vector<store::Transaction> transactions_;
};

}  // namespace godwit::cluster
