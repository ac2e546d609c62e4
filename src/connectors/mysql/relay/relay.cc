#include "connectors/mysql/relay/relay.h"

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/text.h"
#include "config/quantity.h"
#include "connectors/mysql/log/log_dialect.h"
#include "connectors/mysql/log/log_position.h"
#include "connectors/mysql/log/log_reader.h"
#include "connectors/mysql/log/replica_id.h"
#include "connectors/mysql/log/server_move.h"
#include "connectors/mysql/relay/relay_writer.h"
#include "connectors/mysql/relay/source_files.h"

namespace godwit::connectors::mysql {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kPurgePeriod(5);
constexpr std::chrono::milliseconds kWait(500);
constexpr uint16_t kNotToBeHad = 1236;  // ER_MASTER_FATAL_ERROR_READING_BINLOG

base::Status BegunAnew(const RelayFiles& files, const RelayFiles::Place& end) {
  return base::FailedPrecondition(
      "relay: the source's log does not reach as far as {}, which has {} bytes here: it was begun "
      "anew, or lost its end when the source's machine went down. Tasks that have read what is "
      "gone have to be copied anew (`godwit run --restart`); move the file's folder away, and run "
      "again",
      files.Path(end.file), end.offset);
}

// Of a file that the source has no more; `aside`: as RelayFiles::LeaveLast has it.
std::string WhatIsLeft(const std::string& aside) {
  if (aside.empty()) {
    return "is kept as far as it goes: the source has purged it, and it may have had more. Tasks "
           "that have read it ask the source for what follows";
  }
  return fmt::format(
      "was being written, without checksums, when the machine went down, and the source has purged "
      "it: what of it is whole is not known, so that it is not read. It is kept as {}",
      aside);
}

}  // namespace

MysqlRelay::MysqlRelay(config::Endpoint endpoint, const std::string& name, std::string folder,
                       connector::RelayLimits limits)
    : server_(std::move(endpoint), std::make_shared<connector::ServerPin>()),
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
  status.bytes_over = bytes_over_;
  for (const auto& [task, number] : needed_) status.readers.push_back(task);
  const auto end = LogPosition::Parse(status.end), of_source = LogPosition::Parse(source_end_);
  if (end.ok() && of_source.ok() && !end->file.empty() && end->file == of_source->file)
    status.bytes_behind = of_source->offset - std::min(end->offset, of_source->offset);
  return status;
}

void MysqlRelay::KnowSourceEnd(const std::string& file, uint64_t offset) {
  std::lock_guard lock(mutex_);
  source_end_ = LogPosition{file, offset}.ToPosition();
}

base::StatusOr<std::shared_ptr<RelayFiles>> MysqlRelay::FilesOf(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(const std::string identity, ServerIdentity(connection));
  std::lock_guard lock(mutex_);
  std::shared_ptr<RelayFiles>& files = files_[identity];
  if (files == nullptr) {
    GODWIT_ASSIGN_OR_RETURN(files, RelayFiles::Open(folder_ + "/" + identity));
  }
  return files;
}

base::Status MysqlRelay::FindEnd(Connection& connection, RelayFiles& files) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<SourceFile> there, ListSourceFiles(connection));
  KnowSourceEnd(there.back().name, there.back().bytes);
  const auto end = files.End();
  uint64_t after = 0;
  if (end) {
    const auto same = std::ranges::find(there, end->file, &SourceFile::name);
    if (same != there.end())
      return same->bytes < end->offset ? BegunAnew(files, *end) : ExpectClear(*same);
    after = LogPosition{end->file}.FileNumber();
    if (there.back().number <= after) return BegunAnew(files, *end);
    // It was purged meanwhile, and with it what it may have had more than there is of it here.
    if (!files.LastHasEnded()) {
      GODWIT_ASSIGN_OR_RETURN(const std::string aside, files.LeaveLast());
      spdlog::warn("relay: {} {}", files.Path(end->file), WhatIsLeft(aside));
    }
  }
  // From what is needed on, and from where nothing is missing, where that can be; else the file
  // that is written now. Readers know that what is missing before it is.
  const std::optional<uint64_t> needed = OldestNeeded();
  const uint64_t first = end ? after + 1 : needed.value_or(there.back().number);
  const auto begin = std::ranges::find_if(
      there, [&](const SourceFile& file) { return file.number >= std::max(first, after + 1); });
  const SourceFile& next = begin == there.end() ? there.back() : *begin;
  GODWIT_RETURN_IF_ERROR(ExpectClear(next));
  return files.Begin(next.name);
}

base::Status MysqlRelay::Run(std::stop_token stop) {
  server_.pin->Release();
  Server server = server_;
  server.endpoint.give_up = stop;
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::Open(server, "source", Connection::Text::kBinary));
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
  GODWIT_RETURN_IF_ERROR(ExpectClear(connection));
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
        GODWIT_ASSIGN_OR_RETURN(const uint64_t over, files.Purge(limits_, OldestNeeded()));
        TellOver(files, over);
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
      return other_readers_.Judge(item.status());
    }
    // MySQL's log may be encrypted from any file on.
    if (item->kind == LogReader::Kind::kNewFile && connection.is_mysql() &&
        item->event.header.artificial() && reader.place().file() != files.End()->file) {
      GODWIT_RETURN_IF_ERROR(ExpectNextClear(reader.place().file()));
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

base::Status MysqlRelay::ExpectNextClear(const std::string& file) const {
  GODWIT_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection,
                          Connection::Open(server_, "source", Connection::Text::kBinary));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<SourceFile> there, ListSourceFiles(*connection));
  const auto found = std::ranges::find(there, file, &SourceFile::name);
  // Purged already: it is not known what it was, and the next call finds where to go on.
  if (found == there.end()) return base::Unavailable("relay: the source has purged {}", file);
  return ExpectClear(*found);
}

void MysqlRelay::TellOver(const RelayFiles& files, uint64_t bytes) {
  if (bytes_over_.exchange(bytes) > 0 || bytes == 0) return;
  std::vector<std::string> tasks;
  const std::optional<uint64_t> oldest = OldestNeeded();
  {
    std::lock_guard lock(mutex_);
    for (const auto& [task, number] : needed_) {
      if (number == oldest) tasks.push_back(task);
    }
  }
  spdlog::warn(
      "relay: the files at {} take {} MiB more than max_size ({}): {}. They are kept; make room, "
      "raise max_size or have the log read",
      files.Path(""), bytes >> 20, config::FormatBytes(*limits_.most_bytes),
      tasks.empty() ? "the one that is written takes that by itself"
                    : fmt::format("tasks need them, {} the oldest", fmt::join(tasks, ", ")));
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
