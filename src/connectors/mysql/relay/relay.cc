#include "connectors/mysql/relay/relay.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/text.h"
#include "connectors/mysql/log/log_dialect.h"
#include "connectors/mysql/log/log_position.h"
#include "connectors/mysql/log/log_reader.h"
#include "connectors/mysql/log/replica_id.h"
#include "connectors/mysql/relay/relay_writer.h"

namespace godwit::connectors::mysql {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kPurgePeriod(5);
constexpr std::chrono::milliseconds kWait(500);
constexpr uint16_t kNotToBeHad = 1236;  // ER_MASTER_FATAL_ERROR_READING_BINLOG

struct ServerFile {
  std::string name;
  uint64_t number = 0, bytes = 0;
};

base::StatusOr<std::vector<ServerFile>> ListFiles(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows, connection.Query("SHOW BINARY LOGS"));
  std::vector<ServerFile> files;
  for (const ResultRow& row : rows) {
    const std::string name = row[0].value_or("");
    files.push_back({name, LogPosition{name}.FileNumber(),
                     base::ParseInteger<uint64_t>(row[1].value_or("")).value_or(0)});
  }
  if (files.empty())
    return base::FailedPrecondition("relay: the source does not write a binlog; set log_bin on it");
  return files;
}

// What is encrypted there is not to lie here in clear text, which is how it is sent.
base::Status RefuseEncrypted(Connection& connection) {
  const auto on =
      connection.Variable(connection.is_mysql() ? "binlog_encryption" : "encrypt_binlog");
  if (!on.ok() && !absl::IsNotFound(on.status())) return on.status();
  if (!on.ok() || *on != "ON") return base::OkStatus();
  return base::FailedPrecondition(
      "relay: the source encrypts its log, and sends it in clear text: it is not kept here. Do "
      "without the relay");
}

base::Status BegunAnew(const RelayFiles& files, const RelayFiles::Place& end) {
  return base::FailedPrecondition(
      "relay: the source's log does not reach as far as {}, which has {} bytes here: it was begun "
      "anew, or lost its end when the source's machine went down. Tasks that have read what is "
      "gone have to be copied anew (`godwit run --restart`); move the file's folder away, and run "
      "again",
      files.Path(end.file), end.offset);
}

}  // namespace

MysqlRelay::MysqlRelay(config::Endpoint endpoint, const std::string& name, std::string folder,
                       connector::RelayLimits limits)
    : endpoint_(std::move(endpoint)),
      replica_id_(ReplicaId("relay of " + name)),
      folder_(std::move(folder)),
      limits_(limits) {}

void MysqlRelay::Need(const std::string& task, const model::Position& position) {
  const auto place = LogPosition::Parse(position);
  if (!place.ok()) return;
  const uint64_t number = LogPosition{place->FilesNeeded().front()}.FileNumber();
  std::lock_guard lock(mutex_);
  needed_[task] = number;
}

void MysqlRelay::Forget(const std::string& task) {
  std::lock_guard lock(mutex_);
  needed_.erase(task);
}

std::optional<uint64_t> MysqlRelay::OldestNeeded() const {
  std::lock_guard lock(mutex_);
  std::optional<uint64_t> oldest;
  for (const auto& [task, number] : needed_) oldest = std::min(oldest.value_or(number), number);
  return oldest;
}

connector::RelayStatus MysqlRelay::Status() const {
  std::lock_guard lock(mutex_);
  connector::RelayStatus status;
  if (written_ == nullptr) return status;
  written_->Describe(status);
  status.source_end = source_end_;
  return status;
}

void MysqlRelay::KnowSourceEnd(const std::string& file, uint64_t offset) {
  std::lock_guard lock(mutex_);
  source_end_ = LogPosition{file, offset}.ToPosition();
}

base::StatusOr<std::string> MysqlRelay::Identity(Connection& connection) const {
  return connection.QueryValue(
      connection.is_mysql()
          ? "SELECT @@GLOBAL.server_uuid"
          : "SELECT CONCAT('mariadb-', @@GLOBAL.gtid_domain_id, '-', @@GLOBAL.server_id)");
}

base::StatusOr<std::shared_ptr<RelayFiles>> MysqlRelay::FilesOf(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(const std::string identity, Identity(connection));
  std::lock_guard lock(mutex_);
  std::shared_ptr<RelayFiles>& files = files_[identity];
  if (files == nullptr) {
    GODWIT_ASSIGN_OR_RETURN(files, RelayFiles::Open(folder_ + "/" + identity));
  }
  return files;
}

base::Status MysqlRelay::FindEnd(Connection& connection, RelayFiles& files) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ServerFile> there, ListFiles(connection));
  KnowSourceEnd(there.back().name, there.back().bytes);
  const auto end = files.End();
  uint64_t after = 0;
  if (end) {
    const auto same = std::ranges::find(there, end->file, &ServerFile::name);
    if (same != there.end())
      return same->bytes < end->offset ? BegunAnew(files, *end) : base::OkStatus();
    after = LogPosition{end->file}.FileNumber();
    if (there.back().number <= after) return BegunAnew(files, *end);
    // It was purged meanwhile, and with it what it had more than there is of it here.
    if (!files.LastHasEnded()) {
      GODWIT_RETURN_IF_ERROR(files.DropLast());
    }
  }
  // From what is needed on, and from where nothing is missing, where that can be; else the file
  // that is written now. Readers know that what is missing before it is.
  const std::optional<uint64_t> needed = OldestNeeded();
  const uint64_t first = end ? after + 1 : needed.value_or(there.back().number);
  const auto begin = std::ranges::find_if(
      there, [&](const ServerFile& file) { return file.number >= std::max(first, after + 1); });
  return files.Begin(begin == there.end() ? there.back().name : begin->name);
}

base::Status MysqlRelay::Run(std::stop_token stop) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::Open(endpoint_, "source", Connection::Text::kBinary));
  const std::stop_callback cancel(stop, [&] { connection->Cancel(); });
  base::StatusOr<std::shared_ptr<RelayFiles>> files = FilesOf(*connection);
  base::Status status = files.status();
  if (files.ok()) {
    {
      std::lock_guard lock(mutex_);
      written_ = *files;
    }
    status = TakeIn(*connection, **files, stop);
  }
  if (stop.stop_requested()) status = base::Cancelled("relay: stopped");
  if (files.ok()) (*files)->Stop(status);
  return status;
}

base::Status MysqlRelay::TakeIn(Connection& connection, RelayFiles& files,
                                const std::stop_token& stop) {
  GODWIT_RETURN_IF_ERROR(RefuseEncrypted(connection));
  GODWIT_RETURN_IF_ERROR(FindEnd(connection, files));
  GODWIT_ASSIGN_OR_RETURN(RelayWriter writer, RelayWriter::Open(files));
  const RelayFiles::Place start = *files.End();

  LogReader reader(PacketChannel(&connection), "source: reading the binlog for the relay");
  GODWIT_RETURN_IF_ERROR(AskForHeartbeat(connection));
  // Whatever the server writes now: events come as they are in its files, older ones too.
  GODWIT_RETURN_IF_ERROR(
      connection.Execute("SET @master_binlog_checksum = 'CRC32', @source_binlog_checksum = 'CRC32'")
          .status());
  GODWIT_RETURN_IF_ERROR(AskForOwnEvents(connection));
  reader.StartAt(LogPlace(start.file, start.offset, LogPlace::Asked::kByOffset),
                 wire::mysql::Checksum::kCrc32);
  GODWIT_RETURN_IF_ERROR(RequestByOffset(reader.channel(), start.file, start.offset, replica_id_,
                                         connection.is_mysql() ? 0 : kSendAnnotations));
  bool trusted = false;
  auto purge_at = steady_clock::now();
  while (!stop.stop_requested()) {
    if (!reader.has_next()) {
      GODWIT_RETURN_IF_ERROR(writer.Flush());
      if (steady_clock::now() >= purge_at) {
        GODWIT_RETURN_IF_ERROR(files.Purge(limits_, OldestNeeded()));
        purge_at = steady_clock::now() + kPurgePeriod;
      }
      GODWIT_ASSIGN_OR_RETURN(const bool readable, reader.Wait(kWait));
      if (!readable) continue;
    }
    const base::StatusOr<LogReader::Item> item = reader.Next();
    if (!item.ok()) {
      // Purged since it was looked for: the next call finds where to go on.
      if (reader.server_error() && reader.server_error()->code == kNotToBeHad)
        return base::Unavailable("{}", item.status().message());
      return item.status();
    }
    GODWIT_RETURN_IF_ERROR(writer.Take(reader, *item));
    // The first thing sent of a file is what it begins with, which has been compared now.
    if (!trusted &&
        (item->kind == LogReader::Kind::kEvent || item->kind == LogReader::Kind::kHeartbeat)) {
      files.Start();
      trusted = true;
    }
    if (item->kind == LogReader::Kind::kHeartbeat)
      KnowSourceEnd(reader.place().file(), reader.place().offset());
  }
  return base::OkStatus();
}

bool RelayUse::Has(Connection& source, const model::Position& position) const {
  if (relay == nullptr) return false;
  const auto place = LogPosition::Parse(position);
  // XA transactions that are prepared are read from the source's own log.
  if (!place.ok() || place->file.empty() || !place->prepared.empty()) return false;
  const auto files = relay->FilesOf(source);
  return files.ok() && (*files)->Has({place->file, place->offset});
}

}  // namespace godwit::connectors::mysql
