#include "connectors/mysql/log/log_reader.h"

#include <utility>

#include "connectors/mysql/connection/errors.h"
#include "connectors/mysql/log/log_dialect.h"
#include "wire/mysql/control_events.h"
#include "wire/mysql/mysql_events.h"

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::EventType;

constexpr std::chrono::seconds kSilence(30);  // without even a heartbeat: the connection is dead

}  // namespace

LogReader::LogReader(PacketChannel channel, std::string doing)
    : channel_(std::move(channel)), doing_(std::move(doing)) {
  channel_.LimitSilence(kSilence);
}

base::Status LogReader::Prepare(Connection& connection, LogPlace start) {
  GODWIT_RETURN_IF_ERROR(AskForHeartbeat(connection));
  GODWIT_ASSIGN_OR_RETURN(const std::string checksum, connection.Variable("binlog_checksum"));
  StartAt(std::move(start),
          checksum == "NONE" ? wire::mysql::Checksum::kNone : wire::mysql::Checksum::kCrc32);
  return base::OkStatus();
}

void LogReader::StartAt(LogPlace start, wire::mysql::Checksum checksum) {
  place_ = std::move(start);
  framer_ = wire::mysql::EventFramer(checksum);
}

std::string LogReader::Where() const {
  return fmt::format("{}:{}", place_.file(), place_.event_start());
}

base::StatusOr<bool> LogReader::Wait(std::chrono::milliseconds wait) {
  const auto began = std::chrono::steady_clock::now();
  GODWIT_ASSIGN_OR_RETURN(const bool readable,
                          channel_.WaitReadable(static_cast<int>(wait.count())));
  if (readable) {
    silence_ = {};
    return true;
  }
  silence_ += std::chrono::steady_clock::now() - began;
  if (silence_ > kSilence) {
    return base::Unavailable("source: nothing heard for {} s, not even a heartbeat",
                             kSilence.count());
  }
  return false;
}

base::StatusOr<LogReader::Item> LogReader::Next() {
  GODWIT_ASSIGN_OR_RETURN(const std::string_view packet, channel_.Receive());
  silence_ = {};
  server_error_.reset();
  base::StatusOr<Item> item = Read(packet);
  if (!item.ok()) return base::Annotate(item.status(), "at " + Where());
  return item;
}

base::StatusOr<LogReader::Item> LogReader::Read(std::string_view packet) {
  switch (wire::mysql::KindOf(packet)) {
    case wire::mysql::PacketKind::kOk:
      break;
    case wire::mysql::PacketKind::kError: {
      GODWIT_ASSIGN_OR_RETURN(const wire::mysql::ErrorPacket error,
                              wire::mysql::DecodeError(packet));
      server_error_ = error;
      return StatusOfError(error.code, error.message, doing_);
    }
    default:
      return base::Unavailable("source: the server ended the binlog");
  }
  GODWIT_ASSIGN_OR_RETURN(const wire::mysql::Event event, framer_.Frame(packet.substr(1)));
  GODWIT_ASSIGN_OR_RETURN(const Kind kind, Locate(event));
  return Item{kind, event, packet.size()};
}

base::StatusOr<LogReader::Kind> LogReader::Locate(const wire::mysql::Event& event) {
  switch (event.header.type) {
    case EventType::kRotate: {
      GODWIT_ASSIGN_OR_RETURN(const wire::mysql::RotateEvent rotate,
                              wire::mysql::DecodeRotate(event.body));
      place_.Enter(rotate.file, rotate.position);
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
    default:
      return place_.Advance(event.header) ? Kind::kEvent : Kind::kBeforeStart;
  }
}

}  // namespace godwit::connectors::mysql
