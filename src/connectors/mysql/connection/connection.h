#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/endpoint.h"
#include "connectors/mysql/connection/byte_stream.h"
#include "connectors/mysql/connection/server.h"
#include "sql/flavour.h"

struct st_mysql;
struct st_mysql_stmt;

namespace godwit::connectors::mysql {

struct BoundRows;

// Rows as the text protocol gives them; nothing stands for NULL.
using ResultRow = std::vector<std::optional<std::string>>;

struct ExecuteResult {
  uint64_t affected_rows = 0;
  unsigned warnings = 0;
  std::string info;  // "Records: 3  Duplicates: 1  Warnings: 0", where the statement gives it
};

// One authenticated connection, made by the client library. One thread uses it, save for Cancel.
//
// Every session is in UTC and has no sql_mode that would change what a statement means.
class Connection {
 public:
  // How text travels. kUtf8: statements and results are UTF-8, as catalogue work needs. kBinary:
  // the bytes of each column as they are stored, whatever its charset, as moving data needs.
  enum class Text { kUtf8, kBinary };

  // Connects. `side` ("source" or "target") is how errors call the server. kUnavailable too where
  // the server is not the one that others of its pin have reached.
  static base::StatusOr<std::unique_ptr<Connection>> Open(const Server& server,
                                                          std::string_view side, Text text);
  // Likewise, whichever server it is. kCancelled, from both: it is given up (Endpoint::give_up).
  static base::StatusOr<std::unique_ptr<Connection>> OpenHost(const config::Endpoint& host,
                                                              std::string_view side, Text text);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  base::StatusOr<ExecuteResult> Execute(std::string_view sql);
  // Executes a statement for all of these rows, each the values of its placeholders. Where
  // takes_bound_rows().
  base::StatusOr<ExecuteResult> ExecuteBound(std::string_view sql, const BoundRows& rows);
  bool takes_bound_rows() const;
  // Gives a value in pieces; empty: that was all. A piece is valid until the next is asked for.
  using NextPiece = std::function<std::string_view()>;
  // Executes a statement the values of whose placeholders, bytes, are sent piece by piece, so that
  // they are in memory neither whole nor twice. The server takes none that is larger than its
  // max_allowed_packet.
  base::StatusOr<ExecuteResult> ExecuteInPieces(std::string_view sql,
                                                const std::vector<NextPiece>& values);
  // Several statements, with semicolons between, in one round trip; all that follow one that fails
  // are not executed. To be allowed once, before.
  base::StatusOr<std::vector<ExecuteResult>> ExecuteAll(std::string_view sql);
  base::Status AllowSeveralStatements();
  base::StatusOr<std::vector<ResultRow>> Query(std::string_view sql);
  // The first row; kNotFound when there is none.
  base::StatusOr<ResultRow> QueryRow(std::string_view sql);
  // The first column of the first row, empty for NULL.
  base::StatusOr<std::string> QueryValue(std::string_view sql);
  // The value of a server variable; kNotFound when the server does not know it.
  base::StatusOr<std::string> Variable(std::string_view name);

  // Breaks the connection: whatever waits for the server returns kUnavailable. From any thread.
  void Cancel();

  // The connection's bytes, for who speaks the protocol past the library: packet_channel.h. Valid
  // as long as the connection.
  ByteStream Stream() const;
  // What the connection is encrypted with ("TLSv1.3, TLS_AES_256_GCM_SHA384"); empty: nothing.
  std::string encryption() const;
  const std::string& side() const { return side_; }
  sql::Flavour flavour() const { return flavour_; }
  bool is_mysql() const { return flavour_ == sql::Flavour::kMySql; }
  std::string server_version() const;
  // 10 * 10000 + 11 * 100 + 6 for 10.11.6.
  unsigned long version_number() const;
  uint64_t thread_id() const;
  // The error of the last statement; 0: it had none.
  unsigned last_error() const { return last_error_; }
  // Whether the server ends result sets with OK packets in place of EOF packets.
  bool deprecates_eof() const;

 private:
  Connection(st_mysql* handle, std::string side) : handle_(handle), side_(std::move(side)) {}
  static base::StatusOr<std::unique_ptr<Connection>> LogIn(const config::Endpoint& endpoint,
                                                           const std::string& password,
                                                           std::string_view side, Text text);
  base::Status Prepare();
  base::Status Error(std::string_view doing);
  base::Status StatementError(st_mysql_stmt* statement, std::string_view sql);

  st_mysql* handle_;
  std::string side_;
  sql::Flavour flavour_ = sql::Flavour::kMariaDb;
  // The socket once more, for Cancel: the library closes and forgets its own when it meets an
  // error, and by then the number may be another connection's.
  int cancel_socket_ = -1;
  std::atomic<bool> cancelled_{false};
  std::optional<std::stop_callback<std::function<void()>>> given_up_;  // Endpoint::give_up
  unsigned last_error_ = 0;
};

}  // namespace godwit::connectors::mysql
