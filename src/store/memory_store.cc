#include "store/memory_store.h"

#include <algorithm>

#include "store/local_watch.h"

namespace godwit::store {
namespace {

constexpr size_t kMostRemembered = 10'000;  // changes

}  // namespace

class MemoryStore::MemoryWatch : public LocalWatch {
 public:
  MemoryWatch(MemoryStore& store, std::string_view prefix, Revision after)
      : LocalWatch(store.mutex_, store.changed_, prefix, after), store_(store) {}

 private:
  base::StatusOr<std::vector<Change>> TakeChanges() override {
    store_.EndLeases();
    const auto& history = store_.history_;
    std::vector<Change> changes;
    if (revision_ >= store_.revision_) return changes;
    if (revision_ < store_.forgotten_) return AreForgotten(revision_, store_.forgotten_);
    auto next = std::upper_bound(
        history.begin(), history.end(), revision_,
        [](Revision after, const Change& change) { return after < change.entry.changed; });
    for (; next != history.end(); ++next) {
      if (next->entry.key.starts_with(prefix_)) changes.push_back(*next);
    }
    revision_ = store_.revision_;
    return changes;
  }

  MemoryStore& store_;
};

base::StatusOr<Snapshot> MemoryStore::Range(std::string_view prefix) {
  std::lock_guard lock(mutex_);
  EndLeases();
  Snapshot snapshot{{}, revision_};
  for (auto it = entries_.lower_bound(prefix);
       it != entries_.end() && it->first.starts_with(prefix); ++it) {
    snapshot.entries.push_back(it->second);
  }
  return snapshot;
}

base::StatusOr<std::optional<Entry>> MemoryStore::Get(std::string_view key) {
  std::lock_guard lock(mutex_);
  EndLeases();
  const auto it = entries_.find(key);
  return it == entries_.end() ? std::nullopt : std::optional<Entry>(it->second);
}

base::StatusOr<Revision> MemoryStore::Commit(const Transaction& transaction) {
  GODWIT_RETURN_IF_ERROR(CheckTransaction(transaction));
  std::lock_guard lock(mutex_);
  EndLeases();
  for (const Condition& condition : transaction.conditions) {
    if (!Holds(condition)) return base::Aborted("{} has been changed", condition.key);
  }
  for (const Write& write : transaction.writes) {
    if (write.value && write.lease != kNoLease && !leases_.contains(write.lease)) {
      return base::NotFound("{}: the lease {} has ended", write.key, write.lease);
    }
  }
  bool has_changed = false;
  for (const Write& write : transaction.writes) has_changed |= Apply(write, revision_ + 1);
  if (has_changed) {
    ++revision_;
    changed_.notify_all();
  }
  return revision_;
}

base::StatusOr<std::unique_ptr<Watch>> MemoryStore::WatchFrom(std::string_view prefix,
                                                              Revision after) {
  return std::make_unique<MemoryWatch>(*this, prefix, after);
}

base::StatusOr<LeaseId> MemoryStore::Grant(std::chrono::seconds ttl) {
  std::lock_guard lock(mutex_);
  EndLeases();
  const LeaseId id = ++last_lease_;
  const Time ends = clock_() + ttl;
  leases_.emplace(id, Held{ttl, ends, {}});
  ends_.emplace(ends, id);
  return id;
}

base::Status MemoryStore::KeepAlive(LeaseId lease) {
  std::lock_guard lock(mutex_);
  EndLeases();
  const auto it = leases_.find(lease);
  if (it == leases_.end()) return base::NotFound("the lease {} has ended", lease);
  ends_.erase({it->second.ends, lease});
  it->second.ends = clock_() + it->second.ttl;
  ends_.emplace(it->second.ends, lease);
  return base::OkStatus();
}

base::Status MemoryStore::Revoke(LeaseId lease) {
  std::lock_guard lock(mutex_);
  EndLeases();
  if (const auto it = leases_.find(lease); it != leases_.end()) EndLease(it);
  return base::OkStatus();
}

void MemoryStore::Compact(Revision revision) {
  std::lock_guard lock(mutex_);
  forgotten_ = std::max(forgotten_, std::min(revision, revision_));
  while (!history_.empty() && history_.front().entry.changed <= forgotten_) history_.pop_front();
}

void MemoryStore::EndLeases() {
  const Time now = clock_();
  while (!ends_.empty() && ends_.begin()->first <= now) {
    EndLease(leases_.find(ends_.begin()->second));
  }
}

void MemoryStore::EndLease(std::map<LeaseId, Held>::iterator lease) {
  const std::set<std::string, std::less<>> keys = std::move(lease->second.keys);
  ends_.erase({lease->second.ends, lease->first});
  leases_.erase(lease);
  if (keys.empty()) return;
  ++revision_;
  for (const std::string& key : keys) Apply({key, std::nullopt}, revision_);
  changed_.notify_all();
}

bool MemoryStore::Holds(const Condition& condition) const {
  const auto it = entries_.find(condition.key);
  return condition.changed == (it == entries_.end() ? 0 : it->second.changed);
}

bool MemoryStore::Apply(const Write& write, Revision revision) {
  const auto old = entries_.find(write.key);
  if (old == entries_.end() && !write.value) return false;
  if (old != entries_.end() && old->second.lease != kNoLease) {
    // Not there: it is this lease that ends.
    const auto lease = leases_.find(old->second.lease);
    if (lease != leases_.end()) lease->second.keys.erase(write.key);
  }
  if (!write.value) {
    entries_.erase(old);
    Remember({{write.key, "", revision, kNoLease}, true});
    return true;
  }
  Entry entry{write.key, *write.value, revision, write.lease};
  if (write.lease != kNoLease) leases_.at(write.lease).keys.insert(write.key);
  Remember({entry, false});
  entries_.insert_or_assign(write.key, std::move(entry));
  return true;
}

void MemoryStore::Remember(Watch::Change change) {
  history_.push_back(std::move(change));
  // Whole transactions, which a watch tells of at once.
  while (history_.size() > kMostRemembered) {
    forgotten_ = history_.front().entry.changed;
    while (!history_.empty() && history_.front().entry.changed <= forgotten_) history_.pop_front();
  }
}

}  // namespace godwit::store
