#include "connectors/mysql/log/committed_end.h"

#include <fmt/format.h>
#include <mysqld_error.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "base/text.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/log/log_end.h"

namespace godwit::connectors::mysql {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Longest wait for a commit.
constexpr std::chrono::seconds kPatience{30};
constexpr milliseconds kLongestPause{100};
// The head of a file: what it needs of earlier files is said again as they are done with.
constexpr int kHeadEvents = 100;

// Columns of SHOW BINLOG EVENTS.
constexpr size_t kPosition = 1, kType = 2, kInfo = 5;

std::string EventsOf(const std::string& file) {
  return fmt::format("SHOW BINLOG EVENTS IN {}", QuoteText(file));
}

std::string FileAfter(const LogPosition& place) {
  return fmt::format("{}.{:06}", place.file.substr(0, place.file.rfind('.')),
                     place.FileNumber() + 1);
}

base::StatusOr<LogPosition> ReadEnd(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(const LogEnd end, ReadLogEnd(connection));
  return LogPosition{end.file, end.offset, ""};
}

// Whether a transaction begins between two places of a file.
base::StatusOr<bool> HaveTransactionBetween(Connection& connection, const LogPosition& from,
                                            const LogPosition& to) {
  auto events =
      connection.Query(fmt::format("{} FROM {} LIMIT 100", EventsOf(from.file), from.offset));
  // No event begins there: the answer was mixed from those to two sessions.
  if (connection.last_error() == ER_ERROR_WHEN_EXECUTING_COMMAND) return true;
  GODWIT_RETURN_IF_ERROR(events.status());
  return std::any_of(events->begin(), events->end(), [&](const ResultRow& event) {
    return event[kType] == "Gtid" &&
           base::ParseInteger<uint64_t>(event[kPosition].value_or("")).value_or(0) < to.offset;
  });
}

}  // namespace

base::StatusOr<LogPosition> ReadSnapshotPosition(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                          connection.Query("SHOW STATUS LIKE 'binlog_snapshot_%'"));
  LogPosition position;
  for (const ResultRow& row : rows) {
    if (row[0] == "Binlog_snapshot_file") position.file = row[1].value_or("");
    if (row[0] == "Binlog_snapshot_position") {
      position.offset = base::ParseInteger<uint64_t>(row[1].value_or("")).value_or(0);
    }
  }
  return position;
}

base::StatusOr<LogPosition> CommittedEnd::Find(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(const LogPosition end, ReadEnd(connection));
  const auto deadline = steady_clock::now() + kPatience;
  milliseconds pause{1};
  // Asked twice, as the file may be what the server has said to one session and the offset what it
  // has said to another.
  for (int times = 0; times < 2;) {
    GODWIT_ASSIGN_OR_RETURN(const bool committed, IsCommitted(connection, end));
    if (committed) {
      ++times;
      continue;
    }
    times = 0;
    if (steady_clock::now() > deadline) {
      return base::Unavailable(
          "{}: transactions stand in its log that it has not committed for {} s; commits may wait "
          "for a replica (rpl_semi_sync_master_wait_point=AFTER_SYNC)",
          connection.side(), kPatience.count());
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
  return end;
}

base::StatusOr<bool> CommittedEnd::IsCommitted(Connection& connection, const LogPosition& end) {
  GODWIT_ASSIGN_OR_RETURN(const LogPosition committed, ReadSnapshotPosition(connection));
  if (committed.FileNumber() < end.FileNumber()) return false;  // of another session
  const bool was_settled = settled_ == committed.file;
  GODWIT_ASSIGN_OR_RETURN(const bool settled, Settle(connection, committed.file));
  if (committed.file != end.file) {
    // Each file may be left with its first transaction.
    return settled ? true : Settle(connection, FileAfter(end));
  }
  if (!settled) return false;
  // What was said of this file before may be wrong.
  if (!was_settled) return IsCommitted(connection, end);
  if (committed.offset >= end.offset) return true;
  GODWIT_ASSIGN_OR_RETURN(const bool pending, HaveTransactionBetween(connection, committed, end));
  return !pending;
}

base::StatusOr<bool> CommittedEnd::Settle(Connection& connection, const std::string& file) {
  if (file == settled_) return true;
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> events,
      connection.Query(fmt::format("{} LIMIT {}", EventsOf(file), kHeadEvents)));
  const bool settled = std::any_of(events.begin(), events.end(), [&](const ResultRow& event) {
    return event[kType] == "Gtid" || (event[kType] == "Binlog_checkpoint" && event[kInfo] == file);
  });
  if (!settled) return false;
  // Its group has left LOCK_log when this is answered.
  GODWIT_RETURN_IF_ERROR(ReadEnd(connection).status());
  settled_ = file;
  return true;
}

}  // namespace godwit::connectors::mysql
