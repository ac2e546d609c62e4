#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "config/endpoint.h"
#include "connectors/postgres/connection/read_pace.h"
#include "connectors/postgres/connection/server.h"

struct pg_conn;
struct pg_result;

namespace godwit::connectors::postgres {

// Rows as text; nothing stands for NULL.
using ResultRow = std::vector<std::optional<std::string>>;

// A value of a bound parameter, as text; nothing stands for NULL.
using Parameter = std::optional<std::string_view>;

// What the server has said besides the result of a statement that it executed.
struct ServerWarning {
  std::string state;  // SQLSTATE
  std::string message;
};

// Bytes that libpq has allocated: one message of COPY data. Freed with it.
class CopyData {
 public:
  CopyData() = default;
  CopyData(char* bytes, size_t size) : bytes_(bytes, &Free), size_(size) {}
  std::string_view view() const { return {bytes_.get(), size_}; }
  explicit operator bool() const { return bytes_ != nullptr; }

  // Gives back the memory of the first `size` bytes, which are not there any more.
  void GiveBack(size_t size);

 private:
  static void Free(char* bytes);
  std::unique_ptr<char, void (*)(char*)> bytes_{nullptr, &Free};
  size_t size_ = 0;
};

// One authenticated connection to a database, made by libpq. One thread uses it, save for Cancel.
//
// Every session has the settings by which values are written the same way everywhere: UTF-8, UTC,
// ISO dates, shortest exact floats, hexadecimal bytea; an empty search_path, so that all names in
// catalogue texts are qualified; no timeouts; and row security off, so that a policy that would
// hide rows is an error.
class Connection {
 public:
  enum class Use : uint8_t {
    kStatements,
    kReplication,  // a walsender of the database: replication commands, and SQL without parameters
  };

  // Connects. `side` ("source" or "target") is how errors call the server. kCancelled: it has been
  // given up. kUnavailable too where the server is not the one that others of its pin have reached.
  static base::StatusOr<std::unique_ptr<Connection>> Open(const Server& server,
                                                          std::string_view side,
                                                          Use use = Use::kStatements);
  // Likewise, whichever server it is.
  static base::StatusOr<std::unique_ptr<Connection>> OpenHost(const config::Endpoint& host,
                                                              std::string_view side,
                                                              Use use = Use::kStatements);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs one statement, or several with semicolons between (which are then one transaction of their
  // own unless one is open); gives the rows that the last one affected.
  base::StatusOr<uint64_t> Execute(std::string_view sql);
  base::StatusOr<std::vector<ResultRow>> Query(std::string_view sql);
  // One statement with $1, $2, ...
  base::StatusOr<uint64_t> Execute(std::string_view sql, std::span<const Parameter> parameters);
  base::StatusOr<std::vector<ResultRow>> Query(std::string_view sql,
                                               std::span<const Parameter> parameters);
  // Likewise, for what is asked again and again: the server parses it once, and plans it once where
  // plan_cache_mode says so.
  base::StatusOr<std::vector<ResultRow>> QueryPrepared(std::string_view sql,
                                                       std::span<const Parameter> parameters);
  // None of them NULL: these are not copied on the way to libpq.
  base::StatusOr<uint64_t> Execute(std::string_view sql, std::span<const std::string> values);
  // The first row; kNotFound when there is none.
  base::StatusOr<ResultRow> QueryRow(std::string_view sql);
  // The first column of the first row, empty for NULL; kNotFound when there is no row.
  base::StatusOr<std::string> QueryValue(std::string_view sql);

  // COPY ... TO STDOUT: then NextCopied until it gives nothing. One message is one row.
  base::Status StartCopyOut(std::string_view sql);
  base::StatusOr<CopyData> NextCopied();
  // COPY ... FROM STDIN: then any number of PutCopied, and EndCopyIn, which gives the rows taken,
  // or AbortCopyIn, after which the transaction is void. Data need not be cut at rows.
  base::Status StartCopyIn(std::string_view sql);
  base::Status PutCopied(std::string_view data);
  base::StatusOr<uint64_t> EndCopyIn();
  void AbortCopyIn();
  // START_REPLICATION: then messages both ways. An empty CopyData: none came within `wait`.
  base::Status StartCopyBoth(std::string_view command);
  base::StatusOr<CopyData> NextMessage(std::chrono::milliseconds wait);
  base::Status SendMessage(std::string_view message);

  // Those since this was called last; of very many the first.
  std::vector<ServerWarning> TakeWarnings() { return std::exchange(warnings_, {}); }

  // Ends whatever waits for the server, with kCancelled, and makes the connection unusable. From
  // any thread.
  void Cancel();

  // 150018 for 15.18.
  int server_version() const;
  int backend_pid() const;
  const std::string& side() const { return side_; }
  const std::string& database() const { return database_; }
  // What counts as a table: each leaf of a partitioned one, or that as a whole.
  bool by_leaf() const { return by_leaf_; }
  // SQLSTATE of the last error; empty: the connection itself failed.
  const std::string& last_state() const { return last_state_; }

 private:
  class BoundValues;

  Connection(pg_conn* handle, std::string side, std::string database);
  base::Status Prepare();
  base::Status Error(std::string_view doing);
  base::Status ErrorOf(const pg_result* result, std::string_view doing);
  base::StatusOr<uint64_t> TakeAffected(pg_result* result, std::string_view doing);
  base::StatusOr<uint64_t> ExecuteBound(std::string_view sql, const BoundValues& values);

  pg_conn* handle_;
  std::string side_;
  std::string database_;
  bool by_leaf_ = false;
  std::string last_state_;
  ReadPace pace_;
  std::vector<ServerWarning> warnings_;
  std::map<std::string, std::string, std::less<>> prepared_;  // names by their SQL
  // The socket once more, for Cancel.
  int cancel_socket_ = -1;
  std::atomic<bool> cancelled_{false};
  std::optional<std::stop_callback<std::function<void()>>> given_up_;  // Endpoint::give_up
};

}  // namespace godwit::connectors::postgres
