#include "store/sqlite_store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstring>

namespace godwit::store {
namespace {

constexpr int kPatienceMs = 5000;

std::string Column(sqlite3_stmt* statement, int column) {
  const void* bytes = sqlite3_column_blob(statement, column);
  if (bytes == nullptr) return "";
  return {static_cast<const char*>(bytes),
          static_cast<size_t>(sqlite3_column_bytes(statement, column))};
}

}  // namespace

base::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& path) {
  // SQLite would make the file with the umask's rights; made here, it is the owner's from the
  // start.
  const int file = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return base::FailedPrecondition("{}: {}", path, std::strerror(errno));
  close(file);
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &database,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<SqliteStore> store(new SqliteStore(database, path));
  if (code != SQLITE_OK) return store->Error(code);
  sqlite3_busy_timeout(database, kPatienceMs);
  for (const char* sql : {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
                          "CREATE TABLE IF NOT EXISTS entry (key BLOB PRIMARY KEY, value BLOB NOT "
                          "NULL) WITHOUT ROWID"}) {
    GODWIT_RETURN_IF_ERROR(store->Run(sql, {}).status());
  }
  return store;
}

SqliteStore::~SqliteStore() { sqlite3_close(database_); }

base::Status SqliteStore::Error(int code) const {
  const char* message = database_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database_);
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
    return base::Unavailable("{}: {}", path_, message);
  }
  return base::FailedPrecondition("{}: {}", path_, message);
}

base::StatusOr<SqliteStore::Rows> SqliteStore::Run(
    const char* sql, std::initializer_list<std::string_view> parameters) {
  std::lock_guard lock(mutex_);
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr);
  if (code != SQLITE_OK) return Error(code);
  int number = 0;
  for (std::string_view parameter : parameters) {
    // A view without bytes may have no address, which SQLite would bind as NULL.
    const char* bytes = parameter.empty() ? "" : parameter.data();
    sqlite3_bind_blob64(statement, ++number, bytes, parameter.size(), SQLITE_STATIC);
  }
  Rows rows;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    rows.emplace_back(Column(statement, 0), Column(statement, 1));
  }
  base::Status status = code == SQLITE_DONE ? base::OkStatus() : Error(code);
  sqlite3_finalize(statement);
  if (!status.ok()) return status;
  return rows;
}

base::StatusOr<std::optional<std::string>> SqliteStore::Get(std::string_view key) {
  GODWIT_ASSIGN_OR_RETURN(Rows rows, Run("SELECT value FROM entry WHERE key = ?", {key}));
  if (rows.empty()) return std::optional<std::string>();
  return std::optional<std::string>(std::move(rows[0].first));
}

base::Status SqliteStore::Put(std::string_view key, std::string_view value) {
  return Run("INSERT INTO entry VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = "
             "excluded.value",
             {key, value})
      .status();
}

base::Status SqliteStore::Delete(std::string_view key) {
  return Run("DELETE FROM entry WHERE key = ?", {key}).status();
}

base::StatusOr<SqliteStore::Rows> SqliteStore::List(std::string_view prefix) {
  return Run("SELECT key, value FROM entry WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key",
             {prefix});
}

}  // namespace godwit::store
