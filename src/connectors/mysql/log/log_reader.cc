#include "connectors/mysql/log/log_reader.h"

#include <utility>

#include "connectors/mysql/log/event_role.h"
#include "connectors/mysql/log/log_dialect.h"
#include "wire/mysql/control_events.h"
#include "wire/mysql/mysql_events.h"

namespace godwit::connectors::mysql {

using wire::mysql::Checksum;
using wire::mysql::Event;
using wire::mysql::EventType;

LogReader::LogReader(PacketChannel channel, std::string doing)
    : input_(std::make_unique<ServerInput>(std::move(channel), std::move(doing))),
      server_(static_cast<ServerInput*>(input_.get())) {}

base::Status LogReader::Prepare(Connection& connection, LogPlace start) {
  GODWIT_RETURN_IF_ERROR(AskForHeartbeat(connection));
  GODWIT_ASSIGN_OR_RETURN(const std::string checksum, connection.Variable("binlog_checksum"));
  StartAt(std::move(start), checksum == "NONE" ? Checksum::kNone : Checksum::kCrc32);
  return base::OkStatus();
}

void LogReader::StartAt(LogPlace start, Checksum checksum) {
  place_ = std::move(start);
  framer_ = wire::mysql::EventFramer(checksum);
}

void LogReader::GoOnWith(std::unique_ptr<LogInput> input, LogPlace start, Checksum checksum,
                         wire::mysql::MysqlGtidSet seen) {
  input_ = std::move(input);
  server_ = nullptr;
  seen_ = std::move(seen);
  in_seen_ = false;
  StartAt(std::move(start), checksum);
}

std::string LogReader::Where() const {
  return fmt::format("{}:{}", place_.file(), place_.event_start());
}

base::StatusOr<LogReader::Item> LogReader::Next() {
  base::StatusOr<Item> item = Read();
  if (!item.ok()) return base::Annotate(item.status(), "at " + Where());
  return item;
}

base::StatusOr<LogReader::Item> LogReader::Read() {
  GODWIT_ASSIGN_OR_RETURN(const std::string_view bytes, input_->Next());
  GODWIT_ASSIGN_OR_RETURN(const Event event, framer_.Frame(bytes));
  GODWIT_ASSIGN_OR_RETURN(const Kind kind, Locate(event));
  return Item{kind, event, bytes};
}

base::StatusOr<LogReader::Kind> LogReader::Locate(const Event& event) {
  switch (event.header.type) {
    case EventType::kRotate: {
      GODWIT_ASSIGN_OR_RETURN(const wire::mysql::RotateEvent rotate,
                              wire::mysql::DecodeRotate(event.body));
      place_.Enter(rotate.file, rotate.position);
      in_seen_ = false;
      return Kind::kNewFile;
    }
    case EventType::kHeartbeatV2: {
      GODWIT_ASSIGN_OR_RETURN(const wire::mysql::HeartbeatV2Event heartbeat,
                              wire::mysql::DecodeHeartbeatV2(event.body));
      if (heartbeat.file == place_.file()) place_.Reach(heartbeat.position);
      return Kind::kHeartbeat;
    }
    case EventType::kHeartbeat: {
      GODWIT_ASSIGN_OR_RETURN(const wire::mysql::HeartbeatEvent heartbeat,
                              wire::mysql::DecodeHeartbeat(event.body));
      if (heartbeat.file == place_.file()) place_.Advance(event.header);
      return Kind::kHeartbeat;
    }
    default: {
      if (!place_.Advance(event.header)) return Kind::kBeforeStart;
      GODWIT_ASSIGN_OR_RETURN(const bool seen, IsSeen(event));
      return seen ? Kind::kBeforeStart : Kind::kEvent;
    }
  }
}

base::StatusOr<bool> LogReader::IsSeen(const Event& event) {
  if (seen_.empty()) return false;
  if (OpensGroup(event.header.type)) {
    GODWIT_ASSIGN_OR_RETURN(const wire::mysql::MysqlGtidEvent group,
                            wire::mysql::DecodeMysqlGtid(event));
    in_seen_ = group.gtid && seen_.Contains(*group.gtid);
  }
  return in_seen_;
}

}  // namespace godwit::connectors::mysql
