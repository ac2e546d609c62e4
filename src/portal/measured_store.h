#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string_view>

#include "store/store.h"

namespace godwit::portal {

// A store that counts what it is asked and how long that takes. `store` is borrowed.
class MeasuredStore : public store::Store {
 public:
  explicit MeasuredStore(store::Store& store) : store_(store) {}

  base::StatusOr<store::Snapshot> Range(std::string_view prefix) override;
  base::StatusOr<std::optional<store::Entry>> Get(std::string_view key) override;
  base::StatusOr<store::Revision> Commit(const store::Transaction& transaction) override;
  base::StatusOr<std::unique_ptr<store::Watch>> WatchFrom(std::string_view prefix,
                                                          store::Revision after) override;
  base::StatusOr<store::LeaseId> Grant(std::chrono::seconds ttl) override;
  base::Status KeepAlive(store::LeaseId lease) override;
  base::Status Revoke(store::LeaseId lease) override;

  struct Count {
    std::atomic<int64_t> requests = 0, failures = 0, microseconds = 0;
  };
  enum Kind { kRead, kCommit, kLease };
  static constexpr std::array<std::string_view, 3> kNames = {"read", "commit", "lease"};
  const Count& count(Kind kind) const { return counts_[kind]; }

 private:
  template <typename Ask>
  auto Measure(Kind kind, Ask ask);

  store::Store& store_;
  std::array<Count, 3> counts_;
};

}  // namespace godwit::portal
