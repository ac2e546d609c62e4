#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace godwit::store {

// A number of the whole store that grows with each transaction that has changed something.
using Revision = int64_t;

// What a worker or a leader holds while it lives; what is written with it goes when it ends.
using LeaseId = int64_t;
constexpr LeaseId kNoLease = 0;

struct Entry {
  std::string key, value;
  Revision changed = 0;      // by which transaction last
  LeaseId lease = kNoLease;  // that it was written with
  bool operator==(const Entry&) const = default;
};

// All entries of one moment.
struct Snapshot {
  std::vector<Entry> entries;  // in byte order of their keys
  Revision revision = 0;       // the last transaction whose effects it has
};

// That nobody has changed the key since it was read; 0: that there is no such key.
struct Condition {
  std::string key;
  Revision changed = 0;
};

struct Write {
  std::string key;
  std::optional<std::string> value;  // nothing: the key goes, if it is there
  LeaseId lease = kNoLease;          // in place of the one that it had; of no use without a value
};

// At most kMostOperations of each, and of no key more than one write.
struct Transaction {
  std::vector<Condition> conditions;
  std::vector<Write> writes;
};
constexpr size_t kMostOperations = 128;  // etcd's limit, unless it is told another

// kInvalidArgument: the transaction is none that a store takes.
base::Status CheckTransaction(const Transaction& transaction);

// Tells of changes in their order, each once. For one thread. Must not outlive its store.
class Watch {
 public:
  struct Change {
    Entry entry;           // as it is from then on; without value and lease where it has gone
    bool is_gone = false;  // deleted, or its lease has ended
    bool operator==(const Change&) const = default;
  };

  virtual ~Watch() = default;
  // The changes that come next, all those of a transaction at once; none when `timeout` has passed
  // without. kUnavailable: the store is away, a new watch from the revision last seen may go on.
  // kOutOfRange: what followed that revision is not kept any more: read all anew. kCancelled. None
  // of the three passes: the watch is of no use any more.
  virtual base::StatusOr<std::vector<Change>> Next(std::chrono::milliseconds timeout) = 0;
  // Next has told of all changes up to this one.
  virtual Revision revision() const = 0;
  // Ends Next, and all that are called later, at once; for any thread.
  virtual void Cancel() = 0;
};

// The control plane's state: values by key. Keys are slash-separated words, relative to the root
// /godwit/v1 (docs/cluster.md lists them); values are opaque, in practice JSON.
//
// A write that has returned OK survives a crash of the process, and is seen by every read that
// begins after it, from any process that has the same store open. Thread-safe. kUnavailable: the
// store is away for now; nothing is known of a write that ends so, which may take effect yet.
class Store {
 public:
  virtual ~Store() = default;

  // All keys that begin with `prefix`.
  virtual base::StatusOr<Snapshot> Range(std::string_view prefix) = 0;
  // The entry; nothing when there is none.
  virtual base::StatusOr<std::optional<Entry>> Get(std::string_view key) = 0;
  // All writes or none. The store's revision with them, which is new if they have changed anything:
  // that of each key that has a value from then on. kAborted: a condition does not hold, nothing
  // was written. kNotFound: a lease has ended, nothing was written.
  virtual base::StatusOr<Revision> Commit(const Transaction& transaction) = 0;
  // Changes of keys that begin with `prefix`, by transactions after `after`.
  virtual base::StatusOr<std::unique_ptr<Watch>> WatchFrom(std::string_view prefix,
                                                           Revision after) = 0;

  // One that ends when `ttl`, which a store may make longer, has passed since it was granted or
  // last kept alive, by the store's clock. All that was written with it goes in one transaction.
  virtual base::StatusOr<LeaseId> Grant(std::chrono::seconds ttl) = 0;
  // kNotFound: it has ended. The holder counts from before it has asked.
  virtual base::Status KeepAlive(LeaseId lease) = 0;
  // Ends it at once; OK also when it has ended.
  virtual base::Status Revoke(LeaseId lease) = 0;

  // One write, whatever was there.
  base::Status Put(std::string_view key, std::string_view value);
  base::Status Delete(std::string_view key);
};

}  // namespace godwit::store
