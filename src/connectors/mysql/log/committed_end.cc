#include "connectors/mysql/log/committed_end.h"

#include <fmt/format.h>
#include <mysqld_error.h>

#include <algorithm>
#include <chrono>
#include <optional>
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
// What a file has before its first transaction, and that. No more: they are read under a lock that
// commits need.
constexpr int kHeadEvents = 6;
constexpr int kMostEvents = 200;

// Columns of SHOW BINLOG EVENTS.
constexpr size_t kPosition = 1, kType = 2, kInfo = 5;

// Nothing: no event begins there, or one is too large to be shown.
base::StatusOr<std::optional<std::vector<ResultRow>>> EventsOf(Connection& connection,
                                                               const LogPosition& from, int limit) {
  auto events = connection.Query(fmt::format("SHOW BINLOG EVENTS IN {} FROM {} LIMIT {}",
                                             QuoteText(from.file), from.offset, limit));
  if (events.ok()) return std::move(*events);
  if (connection.last_error() == ER_ERROR_WHEN_EXECUTING_COMMAND) return std::nullopt;
  return events.status();
}

base::StatusOr<LogPosition> ReadEnd(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(const LogEnd end, ReadLogEnd(connection));
  return LogPosition{end.file, end.offset, ""};
}

// Another one after each group that is written.
base::StatusOr<std::string> ReadGroups(Connection& connection) {
  return connection.QueryValue("SELECT @@GLOBAL.gtid_binlog_state");
}

}  // namespace

base::StatusOr<SnapshotAnswer> AskSnapshotPosition(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection.Query("SHOW STATUS WHERE Variable_name IN ('Binlog_snapshot_file', "
                       "'Binlog_snapshot_position', 'Rpl_semi_sync_master_wait_sessions')"));
  SnapshotAnswer answer;
  for (const ResultRow& row : rows) {
    const std::string value = row[1].value_or("");
    if (row[0] == "Binlog_snapshot_file") {
      answer.position.file = value;
    } else if (row[0] == "Binlog_snapshot_position") {
      answer.position.offset = base::ParseInteger<uint64_t>(value).value_or(0);
    } else {
      answer.commits_wait = value != "0";
    }
  }
  return answer;
}

base::StatusOr<bool> HasEventBetween(Connection& connection, std::string_view type,
                                     const LogPosition& from, const LogPosition& to) {
  GODWIT_ASSIGN_OR_RETURN(const auto events, EventsOf(connection, from, kMostEvents));
  if (!events) return true;
  for (const ResultRow& event : *events) {
    if (base::ParseInteger<uint64_t>(event[kPosition].value_or("")).value_or(0) >= to.offset)
      return false;
    if (event[kType] == type) return true;
  }
  return events->size() == kMostEvents;
}

base::StatusOr<LogPosition> CommittedEnd::Find(Connection& connection,
                                               const std::atomic<bool>& cancelled) {
  const auto deadline = steady_clock::now() + kPatience;
  for (milliseconds pause{1}; steady_clock::now() < deadline;
       pause = std::min(pause * 2, kLongestPause)) {
    GODWIT_ASSIGN_OR_RETURN(LogPosition end, ReadEnd(connection));
    GODWIT_ASSIGN_OR_RETURN(const std::string groups, ReadGroups(connection));
    GODWIT_ASSIGN_OR_RETURN(const bool committed, IsCommitted(connection, end));
    if (committed) return end;
    if (cancelled) return base::Cancelled("{}: waiting was cancelled", connection.side());
    std::this_thread::sleep_for(pause);
    GODWIT_ASSIGN_OR_RETURN(const std::string now, ReadGroups(connection));
    if (now != groups) {
      // The later group has left the first lock when this is answered.
      GODWIT_RETURN_IF_ERROR(ReadEnd(connection).status());
      return end;
    }
  }
  return base::Unavailable(
      "{}: for {} s it has not said that all that its log ends with is committed; commits may wait "
      "for a replica (rpl_semi_sync_master_wait_point=AFTER_SYNC); otherwise any write to it ends "
      "this",
      connection.side(), kPatience.count());
}

base::StatusOr<bool> CommittedEnd::IsCommitted(Connection& connection, const LogPosition& end) {
  GODWIT_ASSIGN_OR_RETURN(const bool settled, IsSettled(connection, end.file));
  if (!settled) return false;
  // Asked twice, as the file may be what the server has said to one session and the offset what it
  // has said to another.
  for (int times = 0; times < 2; ++times) {
    GODWIT_ASSIGN_OR_RETURN(const SnapshotAnswer answer, AskSnapshotPosition(connection));
    const LogPosition& committed = answer.position;
    if (answer.commits_wait || committed.file != end.file || committed.offset > end.offset)
      return false;
    if (committed.offset == end.offset) continue;
    GODWIT_ASSIGN_OR_RETURN(const bool pending,
                            HasEventBetween(connection, "Gtid", committed, end));
    if (pending) return false;
  }
  return true;
}

base::StatusOr<bool> CommittedEnd::IsSettled(Connection& connection, const std::string& file) {
  if (file == settled_) return true;
  GODWIT_ASSIGN_OR_RETURN(const auto events,
                          EventsOf(connection, LogPosition{file, 4, ""}, kHeadEvents));
  if (!events) return false;
  const bool settled = std::any_of(events->begin(), events->end(), [&](const ResultRow& event) {
    return event[kType] == "Gtid" || (event[kType] == "Binlog_checkpoint" && event[kInfo] == file);
  });
  if (!settled) return false;
  // Its transaction has left the first lock when this is answered.
  GODWIT_RETURN_IF_ERROR(ReadEnd(connection).status());
  settled_ = file;
  return true;
}

}  // namespace godwit::connectors::mysql
