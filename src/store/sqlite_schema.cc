#include "store/sqlite_schema.h"

namespace godwit::store {
namespace {

constexpr int64_t kVersion = 1;

// From the first released form, which had no version, or from an empty file.
constexpr const char* kToVersion1[] = {
    "CREATE TABLE IF NOT EXISTS entry (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "ALTER TABLE entry ADD COLUMN changed INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE entry ADD COLUMN lease INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX entry_lease ON entry (lease) WHERE lease <> 0",
    // One row; of the changes after `forgotten`, the table `change` has all.
    "CREATE TABLE store (revision INTEGER NOT NULL, forgotten INTEGER NOT NULL)",
    "INSERT INTO store VALUES (1, 1)",
    // Without a value: the key has gone.
    "CREATE TABLE change (revision INTEGER, number INTEGER, key BLOB NOT NULL, value BLOB, "
    "lease INTEGER NOT NULL, PRIMARY KEY (revision, number)) WITHOUT ROWID",
    // Times in nanoseconds of the clock that began with `boot`.
    "CREATE TABLE lease (id INTEGER PRIMARY KEY AUTOINCREMENT, boot BLOB NOT NULL, "
    "ttl INTEGER NOT NULL, ends INTEGER NOT NULL)",
    "PRAGMA user_version = 1",
};

}  // namespace

base::Status MakeSchema(SqliteDatabase& database) {
  const auto read_version = [&] { return database.Ask("PRAGMA user_version"); };
  GODWIT_ASSIGN_OR_RETURN(int64_t version, read_version());
  if (version == kVersion) return base::OkStatus();
  return database.Write([&]() -> base::Status {
    GODWIT_ASSIGN_OR_RETURN(version, read_version());  // another process may have been at it
    if (version == kVersion) return base::OkStatus();
    if (version > kVersion) {
      return base::FailedPrecondition(
          "its form is of version {}, and this godwit knows {}: a later godwit has made it, and "
          "has to be used with it",
          version, kVersion);
    }
    for (const char* sql : kToVersion1) GODWIT_RETURN_IF_ERROR(database.Run(sql));
    return base::OkStatus();
  });
}

}  // namespace godwit::store
