#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "base/clock.h"
#include "store/store.h"

namespace godwit::store {

// A store that ends with the process, for tests and simulations. It has no thread: leases end by
// `clock`, which it looks at whenever it is called.
class MemoryStore : public Store {
 public:
  explicit MemoryStore(base::Clock clock = &std::chrono::steady_clock::now)
      : clock_(std::move(clock)) {}

  base::StatusOr<Snapshot> Range(std::string_view prefix) override;
  base::StatusOr<std::optional<Entry>> Get(std::string_view key) override;
  base::StatusOr<Revision> Commit(const Transaction& transaction) override;
  base::StatusOr<std::unique_ptr<Watch>> WatchFrom(std::string_view prefix,
                                                   Revision after) override;
  base::StatusOr<LeaseId> Grant(std::chrono::seconds ttl) override;
  base::Status KeepAlive(LeaseId lease) override;
  base::Status Revoke(LeaseId lease) override;

  // Forgets the changes up to `revision`: watches that have not told of them end.
  void Compact(Revision revision);

 private:
  class MemoryWatch;
  using Time = std::chrono::steady_clock::time_point;
  struct Held {
    std::chrono::seconds ttl;
    Time ends;
    std::set<std::string, std::less<>> keys;
  };

  // All with the mutex held.
  void EndLeases();
  void EndLease(std::map<LeaseId, Held>::iterator lease);
  bool Holds(const Condition& condition) const;
  // Whether it has changed anything, as the transaction `revision`.
  bool Apply(const Write& write, Revision revision);
  void Remember(Watch::Change change);

  const base::Clock clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Entry, std::less<>> entries_;
  Revision revision_ = 1;
  std::map<LeaseId, Held> leases_;
  std::set<std::pair<Time, LeaseId>> ends_;  // of all leases
  LeaseId last_lease_ = kNoLease;
  std::deque<Watch::Change> history_;  // of the changes after `forgotten_`
  Revision forgotten_ = 0;
};

}  // namespace godwit::store
