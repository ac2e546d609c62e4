#include "connectors/mysql/check/log_start_check.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "connectors/mysql/log/log_dialect.h"
#include "connectors/mysql/log/log_position.h"
#include "connectors/mysql/log/log_reader.h"
#include "wire/mysql/mysql_gtid.h"

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::MysqlGtidSet;

constexpr std::string_view kName = "log position";
constexpr std::string_view kRemedy =
    "give another `stream.start`, of a target that has all changes before it; where none is left, "
    "copy with `mode: migrate`";
constexpr std::chrono::seconds kPatience(3);
constexpr int kEvents = 4;  // the server tells the file, what it is like, and then what is in it

std::string Shortened(const std::string& text) {
  return text.substr(0, 200) + (text.size() > 200 ? "..." : "");
}

// The members of `set` that `variable` lacks, or the other way round.
enum class Which : uint8_t { kOfVariable, kOfSet };
base::StatusOr<std::string> Missing(Connection& source, const std::string& set,
                                    std::string_view variable, Which which) {
  GODWIT_ASSIGN_OR_RETURN(MysqlGtidSet mine, MysqlGtidSet::Parse(set));
  GODWIT_ASSIGN_OR_RETURN(const std::string text,
                          source.QueryValue(fmt::format("SELECT @@GLOBAL.{}", variable)));
  GODWIT_ASSIGN_OR_RETURN(MysqlGtidSet theirs, MysqlGtidSet::Parse(text));
  if (which == Which::kOfSet) std::swap(mine, theirs);
  theirs.Subtract(mine);
  return theirs.ToString();
}

// Each of these gives what is wrong, in words; empty: nothing.
base::StatusOr<std::string> WrongGtids(Connection& source, const LogPosition& start) {
  if (!source.is_mysql() || start.gtids.empty()) return std::string();
  GODWIT_ASSIGN_OR_RETURN(const std::string purged,
                          Missing(source, start.gtids, "gtid_purged", Which::kOfVariable));
  if (!purged.empty()) {
    return fmt::format("the source has purged from its log what comes after it: {}",
                       Shortened(purged));
  }
  GODWIT_ASSIGN_OR_RETURN(const std::string unknown,
                          Missing(source, start.gtids, "gtid_executed", Which::kOfSet));
  if (!unknown.empty()) {
    return fmt::format("the source has not executed all of it, and would leave out: {}",
                       Shortened(unknown));
  }
  return std::string();
}

base::StatusOr<std::string> WrongPlace(Connection& source, const LogPosition& start) {
  if (start.file.empty()) return std::string();
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> logs, source.Query("SHOW BINARY LOGS"));
  const auto file = std::find_if(logs.begin(), logs.end(),
                                 [&](const ResultRow& row) { return row[0] == start.file; });
  if (file == logs.end()) {
    return fmt::format("the source has no {}, purged or never there: its log reaches from {} to {}",
                       start.file, logs.empty() ? "" : logs.front()[0].value_or(""),
                       logs.empty() ? "" : logs.back()[0].value_or(""));
  }
  const uint64_t size = base::ParseInteger<uint64_t>((*file)[1].value_or("")).value_or(UINT64_MAX);
  if (start.offset > size) return fmt::format("{} has no more than {} bytes", start.file, size);
  return std::string();
}

// What the server itself says when it is asked for the log from there on: of MariaDB's GTIDs
// nothing else tells.
base::StatusOr<std::string> Refusal(const Server& server, const LogPosition& start,
                                    uint32_t replica_id) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::Open(server, "source", Connection::Text::kBinary));
  LogReader reader(PacketChannel(connection.get()), "source: reading the binlog");
  const auto asked = start.gtids.empty() ? LogPlace::Asked::kByOffset : LogPlace::Asked::kByGtid;
  GODWIT_RETURN_IF_ERROR(reader.Prepare(*connection, LogPlace(start.file, start.offset, asked)));
  const std::unique_ptr<LogDialect> log =
      connection->is_mysql() ? MakeMysqlLog() : MakeMariadbLog();
  GODWIT_RETURN_IF_ERROR(log->Request(*connection, reader.channel(), start, replica_id, false));
  for (int events = 0; events < kEvents; ++events) {
    if (!reader.has_next()) {
      GODWIT_ASSIGN_OR_RETURN(const bool readable, reader.Wait(kPatience));
      if (!readable) return std::string();  // it looks for the place
    }
    const base::StatusOr<LogReader::Item> item = reader.Next();
    if (item.ok()) continue;
    if (!reader.server_error()) return item.status();
    return fmt::format("the source does not send its log from there: {} (error {})",
                       reader.server_error()->message, reader.server_error()->code);
  }
  return std::string();
}

}  // namespace

void CheckLogStart(const Server& server, Connection& source, const model::Position& start,
                   uint32_t replica_id, connector::CheckList& list) {
  auto position = LogPosition::Parse(start);
  if (!position.ok()) return list.Unknown(kName, position.status());
  const std::string where = position->file.empty()
                                ? Shortened(position->gtids)
                                : fmt::format("{}:{}", position->file, position->offset);
  auto wrong = WrongGtids(source, *position);
  if (wrong.ok() && wrong->empty()) wrong = WrongPlace(source, *position);
  if (wrong.ok() && wrong->empty()) wrong = Refusal(server, *position, replica_id);
  if (!wrong.ok()) return list.Unknown(kName, wrong.status());
  if (!wrong->empty()) {
    return list.Fail(kName, fmt::format("the task cannot begin at {}: {}", where, *wrong),
                     std::string(kRemedy));
  }
  list.Pass(kName, fmt::format("the task begins at {}, from where on the log is kept", where));
}

}  // namespace godwit::connectors::mysql
