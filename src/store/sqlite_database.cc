#include "store/sqlite_database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstring>

namespace godwit::store {
namespace {

constexpr int kPatienceMs = 5000;

void Bind(sqlite3_stmt* statement, int number, const SqliteDatabase::Value& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    sqlite3_bind_int64(statement, number, *integer);
  } else if (const auto* bytes = std::get_if<std::string_view>(&value)) {
    // A view without bytes may have no address, which SQLite would bind as NULL.
    sqlite3_bind_blob64(statement, number, bytes->empty() ? "" : bytes->data(), bytes->size(),
                        SQLITE_STATIC);
  }
}

}  // namespace

bool SqliteDatabase::Row::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int64_t SqliteDatabase::Row::Integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string SqliteDatabase::Row::Bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return "";
  return {static_cast<const char*>(bytes),
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

base::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const std::string& path) {
  // SQLite would make the file with the umask's rights; made here, it is the owner's from the
  // start.
  const int file = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return base::FailedPrecondition("{}: {}", path, std::strerror(errno));
  close(file);
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(handle, path));
  if (code != SQLITE_OK) return database->Error(code);
  sqlite3_busy_timeout(handle, kPatienceMs);
  GODWIT_RETURN_IF_ERROR(database->Run("PRAGMA journal_mode = WAL"));
  GODWIT_RETURN_IF_ERROR(database->Run("PRAGMA synchronous = FULL"));
  return database;
}

SqliteDatabase::~SqliteDatabase() { sqlite3_close(database_); }

base::Status SqliteDatabase::Error(int code) const {
  const char* message = database_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database_);
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
    return base::Unavailable("{}: {}", path_, message);
  }
  return base::FailedPrecondition("{}: {}", path_, message);
}

base::Status SqliteDatabase::Run(const char* sql, std::initializer_list<Value> parameters,
                                 const std::function<void(const Row&)>& on_row) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr);
  if (code != SQLITE_OK) return Error(code);
  int number = 0;
  for (const Value& parameter : parameters) Bind(statement, ++number, parameter);
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    if (on_row) on_row(Row(statement));
  }
  base::Status status = code == SQLITE_DONE ? base::OkStatus() : Error(code);
  sqlite3_finalize(statement);
  return status;
}

base::StatusOr<int64_t> SqliteDatabase::Ask(const char* sql,
                                            std::initializer_list<Value> parameters,
                                            int64_t otherwise) {
  int64_t answer = otherwise;
  GODWIT_RETURN_IF_ERROR(Run(sql, parameters, [&](const Row& row) { answer = row.Integer(0); }));
  return answer;
}

int64_t SqliteDatabase::changes() const { return sqlite3_changes64(database_); }

base::Status SqliteDatabase::Read(const std::function<base::Status()>& work) {
  return Transact("BEGIN", work);
}

base::Status SqliteDatabase::Write(const std::function<base::Status()>& work) {
  return Transact("BEGIN IMMEDIATE", work);
}

base::Status SqliteDatabase::Transact(const char* begin,
                                      const std::function<base::Status()>& work) {
  GODWIT_RETURN_IF_ERROR(Run(begin));
  base::Status done = work();
  if (done.ok()) done = Run("COMMIT");
  // After some errors SQLite has rolled back by itself.
  if (!done.ok() && sqlite3_get_autocommit(database_) == 0) Run("ROLLBACK").IgnoreError();
  return done;
}

}  // namespace godwit::store
