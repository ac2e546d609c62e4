#include "store/sqlite_store.h"

#include <fstream>

#include "store/local_watch.h"
#include "store/sqlite_schema.h"

namespace godwit::store {
namespace {

using Row = SqliteDatabase::Row;

// Another one after each start of the machine; empty where it does not tell.
std::string BootId() {
  std::string id;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), id);
  return id;
}

}  // namespace

class SqliteStore::SqliteWatch : public LocalWatch {
 public:
  SqliteWatch(SqliteStore& store, std::string_view prefix, Revision after)
      : LocalWatch(store.mutex_, store.changed_, prefix, after), store_(store) {}

 private:
  base::StatusOr<std::vector<Change>> TakeChanges() override {
    GODWIT_RETURN_IF_ERROR(store_.EndLeases());
    std::vector<Change> changes;
    GODWIT_ASSIGN_OR_RETURN(const Revision newest, store_.ReadRevision());
    if (newest <= revision_) return changes;
    GODWIT_RETURN_IF_ERROR(store_.database_->Read([&]() -> base::Status {
      GODWIT_ASSIGN_OR_RETURN(const Revision forgotten,
                              store_.database_->Ask("SELECT forgotten FROM store"));
      if (revision_ < forgotten) return AreForgotten(revision_, forgotten);
      return store_.database_->Run(
          "SELECT key, value, revision, lease FROM change WHERE revision > ?1 AND revision <= ?2 "
          "AND substr(key, 1, length(?3)) = ?3 ORDER BY revision, number",
          {revision_, newest, std::string_view(prefix_)}, [&](const Row& row) {
            changes.push_back(
                {{row.Bytes(0), row.Bytes(1), row.Integer(2), row.Integer(3)}, row.IsNull(1)});
          });
    }));
    revision_ = newest;
    return changes;
  }

  SqliteStore& store_;
};

base::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& path,
                                                               base::Clock clock) {
  GODWIT_ASSIGN_OR_RETURN(auto database, SqliteDatabase::Open(path));
  if (base::Status made = MakeSchema(*database); !made.ok()) return base::Annotate(made, path);
  return std::unique_ptr<SqliteStore>(
      new SqliteStore(std::move(database), BootId(), std::move(clock)));
}

base::StatusOr<Snapshot> SqliteStore::Range(std::string_view prefix) {
  std::lock_guard lock(mutex_);
  GODWIT_RETURN_IF_ERROR(EndLeases());
  Snapshot snapshot;
  GODWIT_RETURN_IF_ERROR(database_->Read([&]() -> base::Status {
    GODWIT_ASSIGN_OR_RETURN(snapshot.revision, ReadRevision());
    return database_->Run(
        "SELECT key, value, changed, lease FROM entry WHERE key >= ?1 AND substr(key, 1, "
        "length(?1)) = ?1 ORDER BY key",
        {prefix}, [&](const Row& row) {
          snapshot.entries.push_back({row.Bytes(0), row.Bytes(1), row.Integer(2), row.Integer(3)});
        });
  }));
  return snapshot;
}

base::StatusOr<std::optional<Entry>> SqliteStore::Get(std::string_view key) {
  std::lock_guard lock(mutex_);
  GODWIT_RETURN_IF_ERROR(EndLeases());
  std::optional<Entry> entry;
  GODWIT_RETURN_IF_ERROR(database_->Run(
      "SELECT value, changed, lease FROM entry WHERE key = ?", {key}, [&](const Row& row) {
        entry = {std::string(key), row.Bytes(0), row.Integer(1), row.Integer(2)};
      }));
  return entry;
}

base::StatusOr<Revision> SqliteStore::Commit(const Transaction& transaction) {
  GODWIT_RETURN_IF_ERROR(CheckTransaction(transaction));
  std::lock_guard lock(mutex_);
  GODWIT_RETURN_IF_ERROR(EndLeases());
  Revision revision = 0;
  const base::Status written = database_->Write([&]() -> base::Status {
    GODWIT_RETURN_IF_ERROR(CheckConditions(transaction));
    GODWIT_ASSIGN_OR_RETURN(revision, Apply(transaction.writes));
    return base::OkStatus();
  });
  GODWIT_RETURN_IF_ERROR(written);
  changed_.notify_all();
  return revision;
}

base::StatusOr<std::unique_ptr<Watch>> SqliteStore::WatchFrom(std::string_view prefix,
                                                              Revision after) {
  return std::make_unique<SqliteWatch>(*this, prefix, after);
}

base::StatusOr<LeaseId> SqliteStore::Grant(std::chrono::seconds ttl) {
  std::lock_guard lock(mutex_);
  const int64_t nanoseconds = std::chrono::nanoseconds(ttl).count();
  LeaseId id = kNoLease;
  GODWIT_RETURN_IF_ERROR(database_->Write([&]() -> base::Status {
    GODWIT_ASSIGN_OR_RETURN(
        id, database_->Ask("INSERT INTO lease (boot, ttl, ends) VALUES (?, ?, ?) RETURNING id",
                           {std::string_view(boot_), nanoseconds, Now() + nanoseconds}));
    return base::OkStatus();
  }));
  return id;
}

base::Status SqliteStore::KeepAlive(LeaseId lease) {
  std::lock_guard lock(mutex_);
  GODWIT_RETURN_IF_ERROR(EndLeases());
  GODWIT_RETURN_IF_ERROR(
      database_->Run("UPDATE lease SET ends = ?2 + ttl WHERE id = ?1", {lease, Now()}));
  if (database_->changes() == 0) return base::NotFound("the lease {} has ended", lease);
  return base::OkStatus();
}

base::Status SqliteStore::Revoke(LeaseId lease) {
  std::lock_guard lock(mutex_);
  GODWIT_RETURN_IF_ERROR(database_->Write([&] { return EndLease(lease); }));
  changed_.notify_all();
  return base::OkStatus();
}

int64_t SqliteStore::Now() const {
  return std::chrono::nanoseconds(clock_().time_since_epoch()).count();
}

base::StatusOr<Revision> SqliteStore::ReadRevision() {
  return database_->Ask("SELECT revision FROM store");
}

base::Status SqliteStore::EndLeases() {
  const auto next = [this] {
    return database_->Ask("SELECT id FROM lease WHERE boot <> ? OR ends <= ? ORDER BY ends LIMIT 1",
                          {std::string_view(boot_), Now()}, kNoLease);
  };
  GODWIT_ASSIGN_OR_RETURN(LeaseId lease, next());
  while (lease != kNoLease) {
    GODWIT_RETURN_IF_ERROR(database_->Write([&]() -> base::Status {
      GODWIT_ASSIGN_OR_RETURN(lease, next());  // another process may have kept it alive
      return lease == kNoLease ? base::OkStatus() : EndLease(lease);
    }));
  }
  return base::OkStatus();
}

base::Status SqliteStore::EndLease(LeaseId lease) {
  std::vector<Write> writes;
  GODWIT_RETURN_IF_ERROR(
      database_->Run("SELECT key FROM entry WHERE lease <> 0 AND lease = ? ORDER BY key", {lease},
                     [&](const Row& row) {
                       writes.push_back({row.Bytes(0), std::nullopt});
                     }));
  GODWIT_RETURN_IF_ERROR(Apply(writes).status());
  return database_->Run("DELETE FROM lease WHERE id = ?", {lease});
}

base::Status SqliteStore::CheckConditions(const Transaction& transaction) {
  for (const Condition& condition : transaction.conditions) {
    GODWIT_ASSIGN_OR_RETURN(const Revision changed,
                            database_->Ask("SELECT changed FROM entry WHERE key = ?",
                                           {std::string_view(condition.key)}));
    if (changed != condition.changed) return base::Aborted("{} has been changed", condition.key);
  }
  for (const Write& write : transaction.writes) {
    if (!write.value || write.lease == kNoLease) continue;
    GODWIT_ASSIGN_OR_RETURN(const int64_t found,
                            database_->Ask("SELECT 1 FROM lease WHERE id = ?", {write.lease}));
    if (found == 0) return base::NotFound("{}: the lease {} has ended", write.key, write.lease);
  }
  return base::OkStatus();
}

base::StatusOr<Revision> SqliteStore::Apply(const std::vector<Write>& writes) {
  GODWIT_ASSIGN_OR_RETURN(const Revision before, ReadRevision());
  bool has_changed = false;
  int64_t number = 0;
  for (const Write& write : writes) {
    GODWIT_ASSIGN_OR_RETURN(const bool changed, Apply(write, before + 1, ++number));
    has_changed |= changed;
  }
  if (!has_changed) return before;
  GODWIT_RETURN_IF_ERROR(database_->Run("UPDATE store SET revision = revision + 1"));
  GODWIT_RETURN_IF_ERROR(ForgetOldChanges());
  return before + 1;
}

base::StatusOr<bool> SqliteStore::Apply(const Write& write, Revision revision, int64_t number) {
  const std::string_view key = write.key;
  SqliteDatabase::Value value;
  if (write.value) {
    value = *write.value;
    GODWIT_RETURN_IF_ERROR(database_->Run(
        "INSERT INTO entry (key, value, changed, lease) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO "
        "UPDATE SET value = excluded.value, changed = excluded.changed, lease = excluded.lease",
        {key, value, revision, write.lease}));
  } else {
    GODWIT_RETURN_IF_ERROR(database_->Run("DELETE FROM entry WHERE key = ?", {key}));
    if (database_->changes() == 0) return false;
  }
  GODWIT_RETURN_IF_ERROR(database_->Run(
      "INSERT INTO change (revision, number, key, value, lease) VALUES (?, ?, ?, ?, ?)",
      {revision, number, key, value, write.value ? write.lease : kNoLease}));
  return true;
}

base::Status SqliteStore::ForgetOldChanges() {
  GODWIT_ASSIGN_OR_RETURN(
      const Revision last,
      database_->Ask("SELECT max(revision) FROM (SELECT revision, sum(length(value)) OVER later AS "
                     "bytes, count(*) OVER later AS changes FROM change WINDOW later AS (ORDER BY "
                     "revision DESC GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) "
                     "WHERE bytes > 1048576 OR changes >= 1000"));
  if (last == 0) return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(database_->Run("DELETE FROM change WHERE revision <= ?", {last}));
  return database_->Run("UPDATE store SET forgotten = ?", {last});
}

}  // namespace godwit::store
