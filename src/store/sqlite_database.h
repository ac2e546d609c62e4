#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/status.h"

struct sqlite3;
struct sqlite3_stmt;

namespace godwit::store {

// One connection to an SQLite file, which other connections and processes may have open at once:
// readers never wait for a writer (write-ahead log), and writers wait for each other for up to five
// seconds before they end with kUnavailable. Not thread-safe.
class SqliteDatabase {
 public:
  // A parameter of a statement: NULL, an INTEGER or a BLOB.
  using Value = std::variant<std::monostate, int64_t, std::string_view>;

  // A row of the result, while it is the current one.
  class Row {
   public:
    explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
    bool IsNull(int column) const;
    int64_t Integer(int column) const;
    std::string Bytes(int column) const;

   private:
    sqlite3_stmt* const statement_;
  };

  // Opens the file, creating it if need be, readable by its owner alone. kFailedPrecondition when
  // it cannot be opened or is something else.
  static base::StatusOr<std::unique_ptr<SqliteDatabase>> Open(const std::string& path);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  // Runs one statement with its parameters bound in order.
  base::Status Run(const char* sql, std::initializer_list<Value> parameters = {},
                   const std::function<void(const Row&)>& on_row = {});
  // The same of one that gives a number: the first column of its last row, or `otherwise`.
  base::StatusOr<int64_t> Ask(const char* sql, std::initializer_list<Value> parameters = {},
                              int64_t otherwise = 0);
  // How many rows the last statement has written.
  int64_t changes() const;

  // Does `work` on one snapshot.
  base::Status Read(const std::function<base::Status()>& work);
  // Does `work` as one transaction, undone unless it ends well, with no other writer beside it.
  base::Status Write(const std::function<base::Status()>& work);

 private:
  SqliteDatabase(sqlite3* database, std::string path)
      : database_(database), path_(std::move(path)) {}
  base::Status Transact(const char* begin, const std::function<base::Status()>& work);
  base::Status Error(int code) const;

  sqlite3* const database_;
  const std::string path_;
};

}  // namespace godwit::store
