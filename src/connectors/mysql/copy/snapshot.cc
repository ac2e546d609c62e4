#include "connectors/mysql/copy/snapshot.h"

#include <fmt/format.h>
#include <mysqld_error.h>

#include "base/text.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/log/log_end.h"
#include "connectors/mysql/log/log_position.h"

namespace godwit::connectors::mysql {
namespace {

// Longest wait for transactions that have written to the tables. Writers wait as long.
constexpr int kLockPatienceSeconds = 2;
// After so long without a word from us the server lets go of the lock, whatever became of us.
constexpr int kLockHoldSeconds = 5;

constexpr std::string_view kBegin = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

base::StatusOr<SnapshotToken> OpenWithPosition(Connection& connection) {
  GODWIT_RETURN_IF_ERROR(connection.Execute(kBegin).status());
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows,
                          connection.Query("SHOW STATUS LIKE 'binlog_snapshot_%'"));
  LogPosition position;
  for (const ResultRow& row : rows) {
    if (row[0] == "Binlog_snapshot_file") position.file = row[1].value_or("");
    if (row[0] == "Binlog_snapshot_position") {
      position.offset = base::ParseInteger<uint64_t>(row[1].value_or("")).value_or(0);
    }
  }
  if (position.file.empty()) {
    return base::FailedPrecondition(
        "{}: the server does not write a binlog, so that a snapshot has no position; "
        "set log_bin on it and restart it",
        connection.side());
  }
  return SnapshotToken{position.ToPosition(), position.ToPosition()};
}

base::StatusOr<SnapshotToken> OpenBetween(Connection& connection) {
  SnapshotToken token;
  GODWIT_ASSIGN_OR_RETURN(const std::string executed, ExecutedGtids(connection));
  token.low = LogPosition{"", 0, executed}.ToPosition();
  GODWIT_RETURN_IF_ERROR(connection.Execute(kBegin).status());
  GODWIT_ASSIGN_OR_RETURN(const LogEnd end, ReadLogEnd(connection));
  token.high = LogPosition{end.file, end.offset, ""}.ToPosition();
  return token;
}

}  // namespace

base::StatusOr<bool> HasXaCommits(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows,
                          connection.Query("SHOW GLOBAL STATUS LIKE 'Com_xa_commit'"));
  return rows.empty() || rows[0][1] != "0";
}

base::StatusOr<SnapshotToken> SnapshotOpener::Open(Connection& connection,
                                                   const model::TableName& table) {
  if (connection.is_mysql() && by_gtids_) return OpenBetween(connection);
  return OpenExactly(connection, {table});
}

base::StatusOr<SnapshotToken> SnapshotOpener::OpenExactly(
    Connection& connection, const std::vector<model::TableName>& tables) {
  if (!connection.is_mysql()) {
    GODWIT_ASSIGN_OR_RETURN(SnapshotToken token, OpenWithPosition(connection));
    // Asked afterwards, so that one that began later does no harm.
    GODWIT_ASSIGN_OR_RETURN(const bool inexact, HasXaCommits(connection));
    if (!inexact) return token;
    GODWIT_RETURN_IF_ERROR(connection.Execute("ROLLBACK").status());
  }
  base::StatusOr<SnapshotToken> token;
  GODWIT_RETURN_IF_ERROR(turns_->Take([this] { return cancelled_.load(); },
                                      [&] {
                                        bool waited = false;
                                        token = locker_.With([&](Connection& locker) {
                                          return OpenLocked(locker, connection, tables, waited);
                                        });
                                        return waited ? LockTurns::Outcome::kInVain
                                                      : LockTurns::Outcome::kDone;
                                      }));
  return token;
}

void SnapshotOpener::Cancel() {
  cancelled_.store(true);
  turns_->Wake();
  locker_.Cancel();
}

base::StatusOr<SnapshotToken> SnapshotOpener::OpenLocked(
    Connection& locker, Connection& connection, const std::vector<model::TableName>& tables,
    bool& waited) {
  std::string lock;
  for (const model::TableName& table : tables)
    lock += fmt::format("{}{} READ", lock.empty() ? "LOCK TABLES " : ", ", QuoteName(table));
  if (!connection.is_mysql()) lock = "FLUSH TABLES WITH READ LOCK";
  GODWIT_RETURN_IF_ERROR(
      locker
          .Execute(fmt::format("SET SESSION lock_wait_timeout = {}, wait_timeout = {}",
                               kLockPatienceSeconds, kLockHoldSeconds))
          .status());
  // Not one that turns out to be dead while the lock is held.
  GODWIT_RETURN_IF_ERROR(connection.Execute("DO 1").status());
  if (auto locked = locker.Execute(lock); !locked.ok()) {
    const unsigned error = locker.last_error();
    waited = error == ER_LOCK_WAIT_TIMEOUT;
    if (error == ER_NO_SUCH_TABLE || error == ER_BAD_DB_ERROR)
      return base::NotFound("{}", locked.status().message());
    return locked.status();
  }
  const auto since = std::chrono::steady_clock::now();
  base::Status begun = connection.Execute(kBegin).status();
  base::StatusOr<LogEnd> end = ReadLogEnd(locker);
  // The lock has to have been held up to here; and the connection may be idle for long now.
  GODWIT_RETURN_IF_ERROR(locker.Execute("UNLOCK TABLES").status());
  const auto locked = std::chrono::steady_clock::now() - since;
  GODWIT_RETURN_IF_ERROR(locker.Execute("SET SESSION wait_timeout = 86400").status());
  GODWIT_RETURN_IF_ERROR(begun);
  if (!end.ok()) return end.status();
  const model::Position position = LogPosition{end->file, end->offset, ""}.ToPosition();
  return SnapshotToken{position, position,
                       std::chrono::duration_cast<std::chrono::microseconds>(locked)};
}

}  // namespace godwit::connectors::mysql
