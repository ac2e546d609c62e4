#include "connectors/mysql/log/log_order_proof.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/mysql/log/log_dialect.h"
#include "connectors/mysql/log/log_order.h"
#include "connectors/mysql/log/log_position.h"
#include "connectors/mysql/log/log_reader.h"
#include "connectors/mysql/log/replica_id.h"
#include "wire/mysql/control_events.h"

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::EventType;
using wire::mysql::MariadbGtid;

constexpr uint64_t kBegin = 4;  // of a file's events
constexpr std::chrono::seconds kWait(1);
constexpr uint16_t kNotToBeHad = 1236;  // ER_MASTER_FATAL_ERROR_READING_BINLOG

// The transactions of one file of a server's log, in order, and what was logged before it.
class LogFile {
 public:
  static base::StatusOr<std::unique_ptr<LogFile>> Open(const config::Endpoint& host,
                                                       const ServerFacts& server,
                                                       const std::string& name,
                                                       const std::atomic<bool>& cancelled) {
    GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                            Connection::OpenHost(host, "source", Connection::Text::kBinary));
    GODWIT_ASSIGN_OR_RETURN(const std::string identity, ServerIdentity(*connection));
    if (identity != server.identity) {
      return base::Unavailable("source: {} leads to another server now ({}; it was {})",
                               server.address, identity, server.identity);
    }
    std::unique_ptr<LogFile> file(new LogFile(std::move(connection), name, cancelled));
    GODWIT_RETURN_IF_ERROR(file->Begin());
    return file;
  }

  // The last one of each domain and server before the file.
  const std::vector<MariadbGtid>& before() const { return before_; }

  // Nothing: the file has no more for now.
  base::StatusOr<std::optional<MariadbGtid>> Next() {
    while (true) {
      GODWIT_ASSIGN_OR_RETURN(const LogReader::Item item, NextItem());
      if (IsEnd(item)) return std::nullopt;
      if (item.event.header.type != EventType::kMariadbGtid) continue;
      GODWIT_ASSIGN_OR_RETURN(const wire::mysql::MariadbGtidEvent group,
                              wire::mysql::DecodeMariadbGtid(item.event));
      return group.gtid;
    }
  }

 private:
  LogFile(std::unique_ptr<Connection> connection, std::string name,
          const std::atomic<bool>& cancelled)
      : connection_(std::move(connection)),
        name_(std::move(name)),
        cancelled_(cancelled),
        reader_(PacketChannel(connection_.get()),
                "source: reading the binlog, for whether it is in order") {}

  base::Status Begin() {
    GODWIT_RETURN_IF_ERROR(
        reader_.Prepare(*connection_, LogPlace(name_, kBegin, LogPlace::Asked::kByOffset)));
    GODWIT_RETURN_IF_ERROR(AskForOwnEvents(*connection_));
    // A server ends a reader whose number another one comes with. Nobody else has this one: not the
    // task's stream, nor whoever looks at the task meanwhile.
    const uint32_t replica_id =
        ReplicaId(fmt::format("order of the log, over connection {}", connection_->thread_id()));
    GODWIT_RETURN_IF_ERROR(RequestByOffset(reader_.channel(), name_, kBegin, replica_id));
    while (true) {
      GODWIT_ASSIGN_OR_RETURN(const LogReader::Item item, NextItem());
      if (item.event.header.type == EventType::kMariadbGtidList) {
        GODWIT_ASSIGN_OR_RETURN(wire::mysql::MariadbGtidListEvent list,
                                wire::mysql::DecodeMariadbGtidList(item.event.body));
        before_ = std::move(list.gtids);
        return base::OkStatus();
      }
      if (IsEnd(item) || item.event.header.type == EventType::kMariadbGtid)
        return base::DataLoss("source: {} does not begin with what was logged before it", name_);
    }
  }

  base::StatusOr<LogReader::Item> NextItem() {
    bool readable = reader_.has_next();
    while (!readable && !cancelled_) {
      GODWIT_ASSIGN_OR_RETURN(readable, reader_.Wait(kWait));
    }
    if (cancelled_) return base::Cancelled("source: the reading of {} was given up", name_);
    base::StatusOr<LogReader::Item> item = reader_.Next();
    // Purged since it was looked for: the next try finds what there is.
    if (!item.ok() && reader_.server_error() && reader_.server_error()->code == kNotToBeHad)
      return base::Unavailable("{}", item.status().message());
    return item;
  }

  // A made-up event names the file before it is sent, and there may be others after it.
  bool IsEnd(const LogReader::Item& item) const {
    return item.kind == LogReader::Kind::kHeartbeat ||
           (item.kind == LogReader::Kind::kNewFile && reader_.place().file() != name_);
  }

  const std::unique_ptr<Connection> connection_;
  const std::string name_;
  const std::atomic<bool>& cancelled_;
  LogReader reader_;
  std::vector<MariadbGtid> before_;
};

bool HasPlace(const std::vector<MariadbGtid>& before, const MariadbGtid& place) {
  return std::ranges::any_of(before, [&](const MariadbGtid& one) {
    return one.domain == place.domain && one.server == place.server && one.seq >= place.seq;
  });
}

// Which of a log's files have these places; those that it has no more, or that it was begun at, are
// left out.
class PlaceFinder {
 public:
  PlaceFinder(const config::Endpoint& host, const ServerFacts& server,
              std::vector<std::string> files, const std::atomic<bool>& cancelled)
      : host_(host),
        server_(server),
        files_(std::move(files)),
        cancelled_(cancelled),
        before_(files_.size()) {}

  base::StatusOr<std::optional<std::string>> Find(const MariadbGtid& place) {
    // It is in the file before the first one that was begun after it.
    size_t from = 0, to = files_.size();
    while (from < to) {
      const size_t middle = (from + to) / 2;
      GODWIT_ASSIGN_OR_RETURN(const std::vector<MariadbGtid>* before, Before(middle));
      if (HasPlace(*before, place))
        to = middle;
      else
        from = middle + 1;
    }
    return to == 0 ? std::nullopt : std::optional(files_[to - 1]);
  }

 private:
  base::StatusOr<const std::vector<MariadbGtid>*> Before(size_t index) {
    std::optional<std::vector<MariadbGtid>>& known = before_[index];
    if (!known) {
      GODWIT_ASSIGN_OR_RETURN(const std::unique_ptr<LogFile> file,
                              LogFile::Open(host_, server_, files_[index], cancelled_));
      known = file->before();
    }
    return &*known;
  }

  const config::Endpoint& host_;
  const ServerFacts& server_;
  const std::vector<std::string> files_;
  const std::atomic<bool>& cancelled_;
  std::vector<std::optional<std::vector<MariadbGtid>>> before_;  // as far as they are known
};

}  // namespace

base::Status ProveOrder(const config::Endpoint& host, Connection& control,
                        const ServerFacts& server, const connector::LogNeed& need,
                        const std::atomic<bool>& cancelled) {
  GODWIT_ASSIGN_OR_RETURN(const LogPosition target, LogPosition::Parse(need.from));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<MariadbGtid> places, PlacesInLog(server, target.gtids));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> logs, control.Query("SHOW BINARY LOGS"));
  std::vector<std::string> files;
  for (const ResultRow& row : logs) files.push_back(row[0].value_or(""));
  PlaceFinder finder(host, server, std::move(files), cancelled);
  // A domain that has been quiet for long has its place in a file of its own.
  std::map<std::string, std::vector<MariadbGtid>> places_in;
  for (const MariadbGtid& place : places) {
    GODWIT_ASSIGN_OR_RETURN(const std::optional<std::string> file, finder.Find(place));
    if (file) places_in[*file].push_back(place);
  }
  for (const auto& [name, of_file] : places_in) {
    GODWIT_ASSIGN_OR_RETURN(const std::unique_ptr<LogFile> file,
                            LogFile::Open(host, server, name, cancelled));
    LogOrder order(of_file, LogWriter::Parse(need.server));
    order.Begin(file->before());
    while (!order.reached()) {
      GODWIT_ASSIGN_OR_RETURN(const std::optional<MariadbGtid> gtid, file->Next());
      if (!gtid) {
        return base::Unavailable("source: {} does not have {} in {}, where it has to be",
                                 server.address, of_file.front().ToString(), name);
      }
      if (const auto disorder = order.Take(*gtid)) return OutOfOrder(server, need, *disorder);
    }
  }
  return base::OkStatus();
}

}  // namespace godwit::connectors::mysql
