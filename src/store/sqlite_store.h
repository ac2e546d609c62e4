#pragma once

#include <memory>
#include <mutex>

#include "store/store.h"

struct sqlite3;

namespace godwit::store {

// A store in one SQLite file, which several processes may have open at once: readers never wait for
// a writer (write-ahead log), and writers wait for each other for up to five seconds before they
// end with kUnavailable.
class SqliteStore : public Store {
 public:
  // Opens the file, creating it if need be, readable by its owner alone. kFailedPrecondition when
  // it cannot be opened or holds something else.
  static base::StatusOr<std::unique_ptr<SqliteStore>> Open(const std::string& path);
  ~SqliteStore() override;
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;

  base::StatusOr<std::optional<std::string>> Get(std::string_view key) override;
  base::Status Put(std::string_view key, std::string_view value) override;
  base::Status Delete(std::string_view key) override;
  base::StatusOr<std::vector<std::pair<std::string, std::string>>> List(
      std::string_view prefix) override;

 private:
  using Rows = std::vector<std::pair<std::string, std::string>>;
  SqliteStore(sqlite3* database, std::string path) : database_(database), path_(std::move(path)) {}
  // Runs one statement with its parameters bound in order; gives the first two columns.
  base::StatusOr<Rows> Run(const char* sql, std::initializer_list<std::string_view> parameters);
  base::Status Error(int code) const;

  std::mutex mutex_;  // a connection serves one statement at a time
  sqlite3* database_;
  const std::string path_;
};

}  // namespace godwit::store
