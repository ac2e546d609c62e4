#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "store/sqlite_database.h"
#include "store/store.h"

namespace godwit::store {

// A store in one SQLite file, which several processes of a machine may have open at once. It has no
// thread: leases end by `clock`, which must be the same for all of them, as soon as one of them
// calls it; a restart of the machine ends them all. The changes kept for watches are the last
// 1,000, or as many as have 1 MiB of values.
class SqliteStore : public Store {
 public:
  // As SqliteDatabase::Open. A file of an earlier godwit is brought to today's form.
  static base::StatusOr<std::unique_ptr<SqliteStore>> Open(
      const std::string& path, base::Clock clock = &std::chrono::steady_clock::now);

  base::StatusOr<Snapshot> Range(std::string_view prefix) override;
  base::StatusOr<std::optional<Entry>> Get(std::string_view key) override;
  base::StatusOr<Revision> Commit(const Transaction& transaction) override;
  base::StatusOr<std::unique_ptr<Watch>> WatchFrom(std::string_view prefix,
                                                   Revision after) override;
  base::StatusOr<LeaseId> Grant(std::chrono::seconds ttl) override;
  base::Status KeepAlive(LeaseId lease) override;
  base::Status Revoke(LeaseId lease) override;

 private:
  class SqliteWatch;
  SqliteStore(std::unique_ptr<SqliteDatabase> database, std::string boot, base::Clock clock)
      : database_(std::move(database)), boot_(std::move(boot)), clock_(std::move(clock)) {}

  // All with the mutex held, those that write within a transaction.
  int64_t Now() const;
  base::StatusOr<Revision> ReadRevision();
  base::Status EndLeases();
  base::Status EndLease(LeaseId lease);
  base::Status CheckConditions(const Transaction& transaction);
  // The revision afterwards.
  base::StatusOr<Revision> Apply(const std::vector<Write>& writes);
  // Whether it has changed anything.
  base::StatusOr<bool> Apply(const Write& write, Revision revision, int64_t number);
  base::Status ForgetOldChanges();

  std::mutex mutex_;  // a connection serves one statement at a time
  std::condition_variable changed_;
  const std::unique_ptr<SqliteDatabase> database_;
  const std::string boot_;  // of the machine, since when its clock runs
  const base::Clock clock_;
};

}  // namespace godwit::store
