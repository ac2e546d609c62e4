#include "connectors/postgres/connection/connection.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "connectors/postgres/connection/errors.h"
#include "connectors/postgres/connection/log_in.h"
#include "connectors/postgres/log/server_move.h"

namespace godwit::connectors::postgres {
namespace {

using std::chrono::milliseconds;

// Values are written the same way in every session, whatever the server, the database and the role
// have been given; a policy that hides rows is an error, and no time is too long.
constexpr std::string_view kSession =
    "SET client_min_messages = warning; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; "
    "SET IntervalStyle = 'postgres'; SET extra_float_digits = 3; SET bytea_output = 'hex'; "
    "SET xmloption = 'content'; SET xmlbinary = 'base64'; SET standard_conforming_strings = on; "
    "SET search_path = ''; SET row_security = off; SET statement_timeout = 0; "
    "SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; "
    "SET default_transaction_isolation = 'read committed'; SET synchronize_seqscans = off; "
    "SET array_nulls = on; SET quote_all_identifiers = off";
// So that what we have left behind ends at the server, too: it looks for our end while it works.
constexpr std::string_view kSession14 =
    "; SET client_connection_check_interval = '5s'; SET idle_session_timeout = 0";
constexpr std::string_view kSession17 = "; SET transaction_timeout = 0";

using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;
Result Own(PGresult* result) { return {result, &PQclear}; }

// The beginning of a statement, for messages.
std::string_view Head(std::string_view sql) { return sql.substr(0, 120); }

std::vector<ResultRow> RowsOf(const PGresult* result) {
  std::vector<ResultRow> rows(static_cast<size_t>(PQntuples(result)));
  const int columns = PQnfields(result);
  for (size_t r = 0; r < rows.size(); ++r) {
    rows[r].resize(static_cast<size_t>(columns));
    for (int c = 0; c < columns; ++c) {
      const int row = static_cast<int>(r);
      if (PQgetisnull(result, row, c) != 0) continue;
      rows[r][static_cast<size_t>(c)].emplace(PQgetvalue(result, row, c),
                                              static_cast<size_t>(PQgetlength(result, row, c)));
    }
  }
  return rows;
}

void AddWarning(std::vector<ServerWarning>& warnings, const PGresult* result) {
  constexpr size_t kMost = 100;  // nobody takes them from most sessions
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (state == nullptr || message == nullptr || warnings.size() >= kMost) return;
  warnings.push_back({state, message});
}

}  // namespace

// As libpq takes them: texts that end with a zero byte, which no value of PostgreSQL holds.
// A text with a zero byte, which libpq would cut off there, is refused.
class Connection::BoundValues {
 public:
  explicit BoundValues(std::span<const Parameter> parameters) {
    texts_.reserve(parameters.size());
    for (const Parameter& parameter : parameters) {
      Add(texts_.emplace_back(parameter.value_or("")));
      if (!parameter) pointers_.back() = nullptr;
    }
  }
  // Borrows them.
  explicit BoundValues(std::span<const std::string> values) {
    for (const std::string& value : values) Add(value);
  }
  // kFailedPrecondition: PostgreSQL cannot hold one of them.
  base::Status Check(std::string_view doing) const {
    if (!holds_zero_) return base::OkStatus();
    return base::FailedPrecondition(
        "{}: a value holds a zero byte, which no text of PostgreSQL can", doing);
  }
  int size() const { return static_cast<int>(pointers_.size()); }
  const char* const* data() const { return pointers_.data(); }

 private:
  void Add(const std::string& text) {
    holds_zero_ = holds_zero_ || text.find('\0') != std::string::npos;
    pointers_.push_back(text.c_str());
  }

  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;
  bool holds_zero_ = false;
};

void CopyData::Free(char* bytes) { PQfreemem(bytes); }

// All pages but the first, as that one is not the bytes' alone.
void CopyData::GiveBack(size_t size) {
  static const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  const size_t lead = page - reinterpret_cast<uintptr_t>(bytes_.get()) % page;
  if (size < lead + page) return;
  ::madvise(bytes_.get() + lead, (size - lead) / page * page, MADV_DONTNEED);
}

Connection::Connection(pg_conn* handle, std::string side, std::string database)
    : handle_(handle), side_(std::move(side)), database_(std::move(database)) {
  cancel_socket_ = ::dup(PQsocket(handle_));
}

Connection::~Connection() {
  given_up_.reset();
  PQfinish(handle_);
  if (cancel_socket_ >= 0) ::close(cancel_socket_);
}

base::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Server& server,
                                                             std::string_view side, Use use) {
  if (server.pin == nullptr) return OpenHost(server.endpoint, side, use);
  const std::vector<config::Endpoint> hosts = server.endpoint.Each();
  return connector::OpenPinned(
      *server.pin, hosts.size(), [&](size_t host) { return OpenHost(hosts[host], side, use); },
      [](Connection& connection) -> base::StatusOr<std::string> {
        GODWIT_ASSIGN_OR_RETURN(const ServerIdentity identity, ReadServerIdentity(connection));
        return identity.ToString();
      },
      [&](size_t host) { return hosts[host].Address(); });
}

base::StatusOr<std::unique_ptr<Connection>> Connection::OpenHost(const config::Endpoint& endpoint,
                                                                 std::string_view side, Use use) {
  if (endpoint.give_up.stop_requested()) return base::Cancelled("{}: it has been given up", side);
  GODWIT_ASSIGN_OR_RETURN(pg_conn * handle, LogIn(endpoint, side, use == Use::kReplication));
  std::unique_ptr<Connection> connection(
      new Connection(handle, std::string(side), endpoint.database));
  connection->by_leaf_ = endpoint.by_leaf;
  if (connection->cancel_socket_ < 0)
    return base::Unavailable("{}: no file descriptor left: {}", side, std::strerror(errno));
  connection->given_up_.emplace(endpoint.give_up,
                                [broken = connection.get()] { broken->Cancel(); });
  GODWIT_RETURN_IF_ERROR(connection->Prepare());
  return connection;
}

base::Status Connection::Prepare() {
  PQsetErrorVerbosity(handle_, PQERRORS_DEFAULT);
  PQsetNoticeReceiver(
      handle_,
      [](void* warnings, const PGresult* result) {
        AddWarning(*static_cast<std::vector<ServerWarning>*>(warnings), result);
      },
      &warnings_);
  std::string session(kSession);
  if (server_version() >= 140000) session += kSession14;
  if (server_version() >= 170000) session += kSession17;
  return Execute(session).status();
}

base::Status Connection::Error(std::string_view doing) {
  last_state_.clear();
  if (cancelled_.load()) return base::Cancelled("{}: cancelled", side_);
  return StatusOfState("", PQerrorMessage(handle_), fmt::format("{}: {}", side_, doing));
}

base::Status Connection::ErrorOf(const pg_result* result, std::string_view doing) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (state == nullptr || cancelled_.load() || PQstatus(handle_) == CONNECTION_BAD)
    return Error(doing);
  last_state_ = state;
  std::string message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  for (const int field : {PG_DIAG_MESSAGE_DETAIL, PG_DIAG_CONTEXT}) {
    const char* more = PQresultErrorField(result, field);
    if (more != nullptr) message += fmt::format(": {}", more);
  }
  return StatusOfState(last_state_, message, fmt::format("{}: {}", side_, doing));
}

base::StatusOr<uint64_t> Connection::TakeAffected(pg_result* raw, std::string_view doing) {
  const Result result = Own(raw);
  switch (PQresultStatus(result.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
      return base::ParseInteger<uint64_t>(PQcmdTuples(result.get())).value_or(0);
    default:
      return ErrorOf(result.get(), doing);
  }
}

base::StatusOr<uint64_t> Connection::Execute(std::string_view sql) {
  return TakeAffected(PQexec(handle_, std::string(sql).c_str()), Head(sql));
}

base::StatusOr<uint64_t> Connection::Execute(std::string_view sql,
                                             std::span<const Parameter> parameters) {
  return ExecuteBound(sql, BoundValues(parameters));
}

base::StatusOr<uint64_t> Connection::Execute(std::string_view sql,
                                             std::span<const std::string> values) {
  return ExecuteBound(sql, BoundValues(values));
}

base::StatusOr<uint64_t> Connection::ExecuteBound(std::string_view sql, const BoundValues& values) {
  GODWIT_RETURN_IF_ERROR(values.Check(fmt::format("{}: {}", side_, Head(sql))));
  return TakeAffected(PQexecParams(handle_, std::string(sql).c_str(), values.size(), nullptr,
                                   values.data(), nullptr, nullptr, 0),
                      Head(sql));
}

base::StatusOr<std::vector<ResultRow>> Connection::Query(std::string_view sql) {
  const Result result = Own(PQexec(handle_, std::string(sql).c_str()));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return ErrorOf(result.get(), Head(sql));
  return RowsOf(result.get());
}

base::StatusOr<std::vector<ResultRow>> Connection::Query(std::string_view sql,
                                                         std::span<const Parameter> parameters) {
  const BoundValues values(parameters);
  GODWIT_RETURN_IF_ERROR(values.Check(fmt::format("{}: {}", side_, Head(sql))));
  const Result result = Own(PQexecParams(handle_, std::string(sql).c_str(), values.size(), nullptr,
                                         values.data(), nullptr, nullptr, 0));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return ErrorOf(result.get(), Head(sql));
  return RowsOf(result.get());
}

base::StatusOr<std::vector<ResultRow>> Connection::QueryPrepared(
    std::string_view sql, std::span<const Parameter> parameters) {
  const BoundValues values(parameters);
  GODWIT_RETURN_IF_ERROR(values.Check(fmt::format("{}: {}", side_, Head(sql))));
  auto prepared = prepared_.find(sql);
  if (prepared == prepared_.end()) {
    const std::string text(sql), name = fmt::format("godwit_{}", prepared_.size());
    const Result made = Own(PQprepare(handle_, name.c_str(), text.c_str(), 0, nullptr));
    if (PQresultStatus(made.get()) != PGRES_COMMAND_OK) return ErrorOf(made.get(), Head(sql));
    prepared = prepared_.emplace(text, name).first;
  }
  const Result result = Own(PQexecPrepared(handle_, prepared->second.c_str(), values.size(),
                                           values.data(), nullptr, nullptr, 0));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return ErrorOf(result.get(), Head(sql));
  return RowsOf(result.get());
}

base::StatusOr<ResultRow> Connection::QueryRow(std::string_view sql) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows, Query(sql));
  if (rows.empty()) return base::NotFound("{}: {}: gave no row", side_, Head(sql));
  return std::move(rows.front());
}

base::StatusOr<std::string> Connection::QueryValue(std::string_view sql) {
  GODWIT_ASSIGN_OR_RETURN(ResultRow row, QueryRow(sql));
  if (row.empty()) return base::Internal("{}: {}: gave no column", side_, Head(sql));
  return std::move(row.front()).value_or("");
}

base::Status Connection::StartCopyOut(std::string_view sql) {
  const Result result = Own(PQexec(handle_, std::string(sql).c_str()));
  if (PQresultStatus(result.get()) != PGRES_COPY_OUT) return ErrorOf(result.get(), Head(sql));
  return base::OkStatus();
}

base::StatusOr<CopyData> Connection::NextCopied() {
  char* bytes = nullptr;
  const int size = PQgetCopyData(handle_, &bytes, 0);
  if (size > 0) return CopyData(bytes, static_cast<size_t>(size));
  if (size == -2) return Error("COPY");
  // Its end, or an error that ends it.
  base::Status status;
  while (PGresult* raw = PQgetResult(handle_)) {
    const Result result = Own(raw);
    if (PQresultStatus(raw) != PGRES_COMMAND_OK && status.ok()) status = ErrorOf(raw, "COPY");
  }
  if (!status.ok()) return status;
  return PQstatus(handle_) == CONNECTION_BAD ? base::StatusOr<CopyData>(Error("COPY")) : CopyData();
}

base::Status Connection::StartCopyIn(std::string_view sql) {
  const Result result = Own(PQexec(handle_, std::string(sql).c_str()));
  if (PQresultStatus(result.get()) != PGRES_COPY_IN) return ErrorOf(result.get(), Head(sql));
  return base::OkStatus();
}

base::Status Connection::PutCopied(std::string_view data) {
  constexpr size_t kPiece = 1 << 20;  // libpq counts in int, and keeps what it cannot send yet
  for (; !data.empty(); data.remove_prefix(std::min(kPiece, data.size()))) {
    const int size = static_cast<int>(std::min(kPiece, data.size()));
    if (PQputCopyData(handle_, data.data(), size) != 1) return Error("COPY");
  }
  return base::OkStatus();
}

base::StatusOr<uint64_t> Connection::EndCopyIn() {
  if (PQputCopyEnd(handle_, nullptr) != 1) return Error("COPY");
  base::StatusOr<uint64_t> rows = 0;
  while (PGresult* raw = PQgetResult(handle_)) {
    base::StatusOr<uint64_t> one = TakeAffected(raw, "COPY");
    if (rows.ok()) rows = std::move(one);
  }
  if (rows.ok() && PQstatus(handle_) == CONNECTION_BAD) return Error("COPY");
  return rows;
}

void Connection::AbortCopyIn() {
  PQputCopyEnd(handle_, "given up");
  while (PGresult* raw = PQgetResult(handle_)) PQclear(raw);
}

base::Status Connection::StartCopyBoth(std::string_view command) {
  const Result result = Own(PQexec(handle_, std::string(command).c_str()));
  if (PQresultStatus(result.get()) != PGRES_COPY_BOTH) return ErrorOf(result.get(), Head(command));
  pace_ = ReadPace(PQsocket(handle_), PQsslInUse(handle_) == 1);
  return base::OkStatus();
}

base::StatusOr<CopyData> Connection::NextMessage(milliseconds wait) {
  constexpr std::string_view kDoing = "reading the log";
  for (bool asked = false;; asked = true) {
    char* bytes = nullptr;
    const int size = PQgetCopyData(handle_, &bytes, 1);
    if (size > 0) return CopyData(bytes, static_cast<size_t>(size));
    if (size == -2) return Error(kDoing);
    if (size == -1) {
      const Result result = Own(PQgetResult(handle_));
      if (result != nullptr && PQresultStatus(result.get()) == PGRES_FATAL_ERROR)
        return ErrorOf(result.get(), kDoing);
      if (cancelled_.load()) return Error(kDoing);
      return base::Unavailable("{}: the server has ended the stream", side_);
    }
    if (!asked) {
      pace_.LetGather();
      // TLS may hold what the socket has given and does not tell of any more.
      if (PQconsumeInput(handle_) != 1) return Error(kDoing);
      continue;
    }
    pace_.FoundNothing();
    const auto since = std::chrono::steady_clock::now();
    pollfd socket{PQsocket(handle_), POLLIN, 0};
    const int ready = ::poll(&socket, 1, static_cast<int>(wait.count()));
    if (ready == 0) return CopyData();
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0 || PQconsumeInput(handle_) != 1) return Error(kDoing);
    pace_.Waited(std::chrono::steady_clock::now() - since);
    wait = milliseconds(0);  // what has come may not be a whole message
  }
}

base::Status Connection::SendMessage(std::string_view message) {
  if (PQputCopyData(handle_, message.data(), static_cast<int>(message.size())) != 1 ||
      PQflush(handle_) < 0) {
    return Error("answering the source");
  }
  return base::OkStatus();
}

void Connection::Cancel() {
  cancelled_.store(true);
  ::shutdown(cancel_socket_, SHUT_RDWR);
}

int Connection::server_version() const { return PQserverVersion(handle_); }
int Connection::backend_pid() const { return PQbackendPID(handle_); }

}  // namespace godwit::connectors::postgres
