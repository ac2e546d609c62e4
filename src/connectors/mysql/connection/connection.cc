#include "connectors/mysql/connection/connection.h"

#include <fcntl.h>
#include <mysql.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "connectors/mysql/apply/bound_rows.h"
#include "connectors/mysql/connection/errors.h"
#include "connectors/mysql/connection/password_plugins.h"
#include "connectors/mysql/connection/tls.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/log/server_move.h"

namespace godwit::connectors::mysql {
namespace {

constexpr unsigned kConnectTimeoutSeconds = 10;
// The library hands a server a file of this machine only after a LOAD statement that was sent
// through it, which ours are not (packet_channel.h). With 1 a server may ask for any file at any
// time.
constexpr unsigned kLocalInfileAuto = 2;
constexpr unsigned long kClientDeprecateEof = 1UL << 24;

// The beginning of a statement, for messages.
std::string_view Head(std::string_view sql) { return sql.substr(0, 120); }

// Explicit zeros stay zeros in AUTO_INCREMENT columns; dates are kept even where they are no dates;
// rows are written as the source has them, the checks having been made there, with the times of
// their history; errors are told in the words in which the applier looks for the name of a key.
constexpr std::string_view kSession =
    "SET SESSION time_zone='+00:00', sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', "
    "foreign_key_checks=0, wait_timeout=86400, net_read_timeout=600, net_write_timeout=600, "
    "sql_quote_show_create=1, lc_messages='en_US', ";
constexpr std::string_view kMariadbSession =
    "max_statement_time=0, max_error_count=65535, system_versioning_insert_history=1, "
    "system_versioning_alter_history=KEEP";
// Figures of tables as they are, and not as they were up to a day ago; lists of types in JSON
// documents (json_types.h) whole, which would be cut in silence.
constexpr std::string_view kMysqlSession =
    "max_execution_time=0, information_schema_stats_expiry=0, "
    "group_concat_max_len=18446744073709551615";

// What tables and keys may be is the source's to say. To set these takes a right of its own, which
// is asked for only where they stand in the way.
constexpr std::string_view kMysqlLimits[] = {"sql_require_primary_key",
                                             "sql_generate_invisible_primary_key",
                                             "restrict_fk_on_non_standard_key"};

using Statement = std::unique_ptr<MYSQL_STMT, decltype(&mysql_stmt_close)>;

ExecuteResult ResultOf(const Statement& statement) {
  const char* info = mysql_info(statement->mysql);
  return {mysql_stmt_affected_rows(statement.get()),
          static_cast<unsigned>(mysql_stmt_warning_count(statement.get())),
          info == nullptr ? "" : info};
}

// They point into `rows`.
std::vector<MYSQL_BIND> BindsOf(const BoundRows& rows) {
  std::vector<MYSQL_BIND> binds(rows.columns.size());
  for (size_t i = 0; i < binds.size(); ++i) {
    const BoundRows::Column& column = rows.columns[i];
    MYSQL_BIND& bind = binds[i];
    bind = {};
    bind.u.indicator = const_cast<char*>(column.indicators.data());
    const bool is_text = column.words.empty();
    bind.buffer = is_text ? const_cast<void*>(static_cast<const void*>(column.texts.data()))
                          : const_cast<void*>(static_cast<const void*>(column.words.data()));
    if (is_text) bind.length = const_cast<unsigned long*>(column.lengths.data());
    bind.is_unsigned = column.form == BoundRows::Form::kUint;
    switch (column.form) {
      case BoundRows::Form::kInt:
      case BoundRows::Form::kUint:
        bind.buffer_type = MYSQL_TYPE_LONGLONG;
        break;
      case BoundRows::Form::kDouble:
        bind.buffer_type = MYSQL_TYPE_DOUBLE;
        break;
      case BoundRows::Form::kDecimal:
        bind.buffer_type = MYSQL_TYPE_NEWDECIMAL;
        break;
      case BoundRows::Form::kBytes:
        bind.buffer_type = MYSQL_TYPE_BLOB;
        break;
    }
  }
  return binds;
}

}  // namespace

base::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Server& server,
                                                             std::string_view side, Text text) {
  if (server.pin == nullptr) return OpenHost(server.endpoint, side, text);
  const std::vector<config::Endpoint> hosts = server.endpoint.Each();
  return connector::OpenPinned(
      *server.pin, hosts.size(), [&](size_t host) { return OpenHost(hosts[host], side, text); },
      ServerIdentity, [&](size_t host) { return hosts[host].Address(); });
}

base::StatusOr<std::unique_ptr<Connection>> Connection::OpenHost(const config::Endpoint& endpoint,
                                                                 std::string_view side, Text text) {
  if (endpoint.give_up.stop_requested()) return base::Cancelled("{}: it has been given up", side);
  GODWIT_ASSIGN_OR_RETURN(const std::string password, endpoint.password.Resolve());
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          LogIn(endpoint, password, side, text));
  GODWIT_RETURN_IF_ERROR(connection->Prepare());
  return connection;
}

base::StatusOr<std::unique_ptr<Connection>> Connection::LogIn(const config::Endpoint& endpoint,
                                                              const std::string& password,
                                                              std::string_view side, Text text) {
  MYSQL* handle = mysql_init(nullptr);
  if (handle == nullptr) return base::ResourceExhausted("{}: out of memory", side);
  mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &kConnectTimeoutSeconds);
  mysql_options(handle, MYSQL_SET_CHARSET_NAME, text == Text::kUtf8 ? "utf8mb4" : "binary");
  mysql_options4(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "godwit");
  mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &kLocalInfileAuto);
  std::unique_ptr<Connection> connection(new Connection(handle, std::string(side)));
  GODWIT_RETURN_IF_ERROR(base::Annotate(UsePasswordPlugins(handle, endpoint), side));
  GODWIT_RETURN_IF_ERROR(base::Annotate(AskForTls(handle, endpoint), side));
  const bool over_socket = !endpoint.socket.empty();
  // Else the library takes the host "localhost" for a socket of its own choice.
  const unsigned protocol = over_socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
  mysql_options(handle, MYSQL_OPT_PROTOCOL, &protocol);
  if (mysql_real_connect(handle, over_socket ? nullptr : endpoint.host.c_str(),
                         endpoint.user.c_str(), password.c_str(), nullptr,
                         over_socket ? 0 : endpoint.port,
                         over_socket ? endpoint.socket.c_str() : nullptr, 0) == nullptr) {
    if (HasKeptPassword(handle)) return base::Annotate(NoTls(endpoint), side);
    return connection->Error(fmt::format("cannot connect to {}", endpoint.ToString()));
  }
  GODWIT_RETURN_IF_ERROR(base::Annotate(ExpectTls(handle, endpoint), side));
  connection->cancel_socket_ =
      ::fcntl(static_cast<int>(mysql_get_socket(handle)), F_DUPFD_CLOEXEC, 0);
  if (connection->cancel_socket_ < 0) {
    return base::ResourceExhausted("{}: {}: {}; allow the process more open files", side,
                                   endpoint.ToString(), std::strerror(errno));
  }
  connection->given_up_.emplace(endpoint.give_up,
                                [broken = connection.get()] { broken->Cancel(); });
  connection->flavour_ = mariadb_connection(handle) ? sql::Flavour::kMariaDb : sql::Flavour::kMySql;
  return connection;
}

base::Status Connection::Prepare() {
  GODWIT_RETURN_IF_ERROR(
      Execute(fmt::format("{}{}", kSession, is_mysql() ? kMysqlSession : kMariadbSession))
          .status());
  if (is_mysql() && side_ == "target") {
    for (std::string_view name : kMysqlLimits) {
      GODWIT_ASSIGN_OR_RETURN(
          std::vector<ResultRow> rows,
          Query(fmt::format("SHOW SESSION VARIABLES LIKE {}", QuoteText(name))));
      if (rows.empty() || rows[0][1] == "OFF") continue;
      base::Status off = Execute(fmt::format("SET SESSION {} = OFF", name)).status();
      if (!off.ok()) {
        return base::Annotate(
            off, fmt::format("{} is ON, so that tables cannot be made as the source has them: SET "
                             "GLOBAL {} = OFF, or GRANT SESSION_VARIABLES_ADMIN ON *.* to the user",
                             name, name));
      }
    }
  }
  // Under any other level the server takes no snapshot when asked for one, and tokens would not be
  // exact.
  return Execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ").status();
}

Connection::~Connection() {
  given_up_.reset();
  mysql_close(handle_);
  if (cancel_socket_ >= 0) ::close(cancel_socket_);
}

base::Status Connection::Error(std::string_view doing) {
  if (cancelled_.load()) return base::Cancelled("{}: cancelled", side_);
  last_error_ = mysql_errno(handle_);
  return StatusOfError(last_error_, mysql_error(handle_), fmt::format("{}: {}", side_, doing));
}

base::Status Connection::StatementError(st_mysql_stmt* statement, std::string_view sql) {
  if (cancelled_.load()) return base::Cancelled("{}: cancelled", side_);
  last_error_ = mysql_stmt_errno(statement);
  return StatusOfError(last_error_, mysql_stmt_error(statement),
                       fmt::format("{}: {}", side_, Head(sql)));
}

base::StatusOr<ExecuteResult> Connection::Execute(std::string_view sql) {
  last_error_ = 0;
  if (mysql_real_query(handle_, sql.data(), sql.size()) != 0) return Error(Head(sql));
  if (MYSQL_RES* result = mysql_store_result(handle_); result != nullptr) mysql_free_result(result);
  const char* info = mysql_info(handle_);
  return ExecuteResult{mysql_affected_rows(handle_), mysql_warning_count(handle_),
                       info == nullptr ? "" : info};
}

bool Connection::takes_bound_rows() const {
  unsigned long capabilities = 0;  // NOLINT(google-runtime-int): as the library has it
  mariadb_get_infov(handle_, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &capabilities);
  return !is_mysql() && (uint64_t{capabilities} & (MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32)) != 0;
}

base::StatusOr<ExecuteResult> Connection::ExecuteBound(std::string_view sql,
                                                       const BoundRows& rows) {
  last_error_ = 0;
  const Statement statement(mysql_stmt_init(handle_), mysql_stmt_close);
  if (statement == nullptr) return base::ResourceExhausted("{}: out of memory", side_);
  std::vector<MYSQL_BIND> binds = BindsOf(rows);
  const auto count = static_cast<unsigned>(rows.rows);
  if (mysql_stmt_prepare(statement.get(), sql.data(), sql.size()) != 0 ||
      mysql_stmt_attr_set(statement.get(), STMT_ATTR_ARRAY_SIZE, &count) != 0 ||
      mysql_stmt_bind_param(statement.get(), binds.data()) != 0 ||
      mysql_stmt_execute(statement.get()) != 0) {
    return StatementError(statement.get(), sql);
  }
  return ResultOf(statement);
}

base::StatusOr<ExecuteResult> Connection::ExecuteInPieces(std::string_view sql,
                                                          const std::vector<NextPiece>& values) {
  last_error_ = 0;
  const Statement statement(mysql_stmt_init(handle_), mysql_stmt_close);
  if (statement == nullptr) return base::ResourceExhausted("{}: out of memory", side_);
  std::vector<MYSQL_BIND> binds(values.size(), MYSQL_BIND{});
  for (MYSQL_BIND& bind : binds) bind.buffer_type = MYSQL_TYPE_BLOB;
  if (mysql_stmt_prepare(statement.get(), sql.data(), sql.size()) != 0 ||
      mysql_stmt_bind_param(statement.get(), binds.data()) != 0) {
    return StatementError(statement.get(), sql);
  }
  for (unsigned i = 0; i < values.size(); ++i) {
    std::string_view piece;
    do {  // at least once: an empty value is none that is missing
      piece = values[i]();
      if (mysql_stmt_send_long_data(statement.get(), i, piece.data(), piece.size()) != 0)
        return StatementError(statement.get(), sql);
    } while (!piece.empty());
  }
  if (mysql_stmt_execute(statement.get()) != 0) return StatementError(statement.get(), sql);
  return ResultOf(statement);
}

base::Status Connection::AllowSeveralStatements() {
  if (mysql_set_server_option(handle_, MYSQL_OPTION_MULTI_STATEMENTS_ON) != 0)
    return Error("allowing several statements at once");
  return base::OkStatus();
}

base::StatusOr<std::vector<ExecuteResult>> Connection::ExecuteAll(std::string_view sql) {
  last_error_ = 0;
  if (mysql_real_query(handle_, sql.data(), sql.size()) != 0) return Error(Head(sql));
  std::vector<ExecuteResult> results;
  while (true) {
    if (MYSQL_RES* result = mysql_store_result(handle_); result != nullptr)
      mysql_free_result(result);
    const char* info = mysql_info(handle_);
    results.push_back(
        {mysql_affected_rows(handle_), mysql_warning_count(handle_), info == nullptr ? "" : info});
    const int next = mysql_next_result(handle_);
    if (next < 0) return results;
    if (next > 0) return Error(Head(sql));
  }
}

base::StatusOr<std::vector<ResultRow>> Connection::Query(std::string_view sql) {
  last_error_ = 0;
  if (mysql_real_query(handle_, sql.data(), sql.size()) != 0) return Error(Head(sql));
  MYSQL_RES* result = mysql_store_result(handle_);
  std::vector<ResultRow> rows;
  if (result == nullptr) {
    if (mysql_errno(handle_) != 0) return Error(Head(sql));
    return rows;
  }
  const unsigned columns = mysql_num_fields(result);
  while (MYSQL_ROW row = mysql_fetch_row(result)) {
    const unsigned long* lengths = mysql_fetch_lengths(result);
    ResultRow& out = rows.emplace_back(columns);
    for (unsigned i = 0; i < columns; ++i) {
      if (row[i] != nullptr) out[i].emplace(row[i], lengths[i]);
    }
  }
  mysql_free_result(result);
  return rows;
}

base::StatusOr<ResultRow> Connection::QueryRow(std::string_view sql) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows, Query(sql));
  if (rows.empty()) return base::NotFound("{}: no row: {}", side_, Head(sql));
  return std::move(rows.front());
}

base::StatusOr<std::string> Connection::QueryValue(std::string_view sql) {
  GODWIT_ASSIGN_OR_RETURN(ResultRow row, QueryRow(sql));
  return row.empty() ? std::string() : row.front().value_or("");
}

base::StatusOr<std::string> Connection::Variable(std::string_view name) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows,
                          Query(fmt::format("SHOW GLOBAL VARIABLES LIKE {}", QuoteText(name))));
  if (rows.empty()) return base::NotFound("{}: no variable {}", side_, name);
  return rows.front().at(1).value_or("");
}

void Connection::Cancel() {
  cancelled_.store(true);
  ::shutdown(cancel_socket_, SHUT_RDWR);
}

ByteStream Connection::Stream() const {
  return {static_cast<int>(mysql_get_socket(handle_)), TlsSession(handle_), side_};
}
std::string Connection::encryption() const {
  SSL* session = TlsSession(handle_);
  if (session == nullptr) return "";
  return fmt::format("{}, {}", SSL_get_version(session), SSL_get_cipher_name(session));
}
std::string Connection::server_version() const { return mysql_get_server_info(handle_); }
unsigned long Connection::version_number() const { return mysql_get_server_version(handle_); }
uint64_t Connection::thread_id() const { return mysql_thread_id(handle_); }
bool Connection::deprecates_eof() const {
  return (handle_->client_flag & kClientDeprecateEof) != 0;
}

}  // namespace godwit::connectors::mysql
