#include "connectors/mysql/copy/snapshot.h"

#include <fmt/format.h>
#include <mysqld_error.h>

#include <optional>

#include "connectors/mysql/literal.h"
#include "connectors/mysql/log/log_end.h"
#include "connectors/mysql/log/log_position.h"

namespace godwit::connectors::mysql {
namespace {

// Longest wait for transactions that have written to the tables. Writers wait as long.
constexpr int kLockPatienceSeconds = 2;
// After so long without a word from us the server lets go of the lock, whatever became of us.
constexpr int kLockHoldSeconds = 5;

// So many answers in a row that another session's got into is not to be thought of.
constexpr int kAgreeingAnswers = 4;
// Each is in vain only where answers do not agree, or the log goes on to another file meanwhile.
constexpr int kMostTries = 100;

constexpr std::string_view kBegin = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

// What a session's snapshot is said to be at; nothing where answers differ.
base::StatusOr<std::optional<LogPosition>> AgreedPosition(Connection& connection) {
  std::optional<LogPosition> agreed;
  for (int answers = 0; answers < kAgreeingAnswers; ++answers) {
    GODWIT_ASSIGN_OR_RETURN(const SnapshotAnswer answer, AskSnapshotPosition(connection));
    if (!agreed)
      agreed = answer.position;
    else if (agreed->file != answer.position.file || agreed->offset != answer.position.offset)
      return std::nullopt;
  }
  return agreed;
}

}  // namespace

base::StatusOr<bool> SnapshotsLag(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> commits,
                          connection.Query("SHOW GLOBAL STATUS LIKE 'Com_xa_commit'"));
  if (commits.empty() || commits[0][1] != "0") return true;
  GODWIT_ASSIGN_OR_RETURN(
      std::vector<ResultRow> together,
      connection.Query("SHOW GLOBAL VARIABLES LIKE 'binlog_optimize_thread_scheduling'"));
  return !together.empty() && together[0][1] == "OFF";
}

base::StatusOr<SnapshotToken> SnapshotOpener::Open(Connection& connection,
                                                   const model::TableName& table) {
  if (lag_ || (connection.is_mysql() && !by_gtids_)) return OpenInTurn(connection, {table});
  GODWIT_ASSIGN_OR_RETURN(const SnapshotToken token, OpenBetween(connection));
  return connection.is_mysql() ? token : LockIfLagging(connection, {table}, token);
}

base::StatusOr<SnapshotToken> SnapshotOpener::OpenExactly(
    Connection& connection, const std::vector<model::TableName>& tables) {
  if (lag_ || connection.is_mysql()) return OpenInTurn(connection, tables);
  GODWIT_ASSIGN_OR_RETURN(const std::optional<SnapshotToken> token, OpenAgreed(connection));
  return token ? LockIfLagging(connection, tables, *token) : OpenInTurn(connection, tables);
}

base::StatusOr<SnapshotToken> SnapshotOpener::LockIfLagging(
    Connection& connection, const std::vector<model::TableName>& tables,
    const SnapshotToken& token) {
  // Asked afterwards, so that an XA transaction that began later does no harm.
  GODWIT_ASSIGN_OR_RETURN(lag_, SnapshotsLag(connection));
  if (!lag_) return token;
  GODWIT_RETURN_IF_ERROR(connection.Execute("ROLLBACK").status());
  return OpenInTurn(connection, tables);
}

base::StatusOr<SnapshotToken> SnapshotOpener::OpenBetween(Connection& connection) {
  LogPosition low;
  if (connection.is_mysql()) {
    GODWIT_ASSIGN_OR_RETURN(low.gtids, ExecutedGtids(connection));
  } else {
    GODWIT_ASSIGN_OR_RETURN(low, committed_end_.Find(connection, cancelled_));
  }
  GODWIT_RETURN_IF_ERROR(connection.Execute(kBegin).status());
  GODWIT_ASSIGN_OR_RETURN(const LogEnd end, ReadLogEnd(connection));
  return SnapshotToken{low.ToPosition(), LogPosition{end.file, end.offset, ""}.ToPosition()};
}

base::StatusOr<std::optional<SnapshotToken>> SnapshotOpener::OpenAgreed(Connection& connection) {
  for (int tries = 0; tries < kMostTries; ++tries) {
    GODWIT_ASSIGN_OR_RETURN(SnapshotToken token, OpenBetween(connection));
    if (token.low == token.high) return token;
    GODWIT_ASSIGN_OR_RETURN(const std::optional<LogPosition> agreed, AgreedPosition(connection));
    GODWIT_ASSIGN_OR_RETURN(const LogPosition low, LogPosition::Parse(token.low));
    // In another file, or after the server's own note, it may be wrong (committed_end.h).
    if (agreed && agreed->file == low.file && agreed->offset >= low.offset) {
      GODWIT_ASSIGN_OR_RETURN(const bool noted,
                              HasEventBetween(connection, "Binlog_checkpoint", low, *agreed));
      const model::Position position = agreed->ToPosition();
      if (!noted && ComparePositions(position, token.high) <= 0)
        return SnapshotToken{position, position};
    }
    GODWIT_RETURN_IF_ERROR(connection.Execute("ROLLBACK").status());
  }
  return std::nullopt;
}

base::StatusOr<SnapshotToken> SnapshotOpener::OpenInTurn(
    Connection& connection, const std::vector<model::TableName>& tables) {
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
