#include "connectors/mysql/xa_replay.h"

#include <chrono>

#include "connectors/mysql/errors.h"
#include "connectors/mysql/log_dialect.h"
#include "wire/mysql/control_events.h"
#include "wire/mysql/packet.h"
#include "wire/mysql/rows.h"
#include "wire/mysql/xa.h"

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::Event;
using wire::mysql::EventType;

constexpr std::chrono::milliseconds kSilence(30'000);

}  // namespace

bool IsChange(const Event& event) {
  const EventType type = event.header.type;
  return type == EventType::kTableMap || type == EventType::kMariadbAnnotateRows ||
         wire::mysql::IsRowsEvent(type);
}

base::StatusOr<std::unique_ptr<XaReplay>> XaReplay::Open(const config::Endpoint& endpoint,
                                                         XaChanges changes, uint32_t server_id,
                                                         int64_t commit_time_us) {
  std::unique_ptr<XaReplay> replay(new XaReplay(std::move(changes), commit_time_us));
  if (replay->changes_.events == nullptr)
    GODWIT_RETURN_IF_ERROR(replay->RequestLog(endpoint, server_id));
  return replay;
}

base::Status XaReplay::RequestLog(const config::Endpoint& endpoint, uint32_t server_id) {
  GODWIT_ASSIGN_OR_RETURN(connection_,
                          Connection::Open(endpoint, "source", Connection::Text::kBinary));
  GODWIT_RETURN_IF_ERROR(AskForHeartbeat(*connection_));
  GODWIT_RETURN_IF_ERROR(AskForOwnEvents(*connection_));
  GODWIT_ASSIGN_OR_RETURN(const std::string checksum, connection_->Variable("binlog_checksum"));
  framer_ = wire::mysql::EventFramer(checksum == "NONE" ? wire::mysql::Checksum::kNone
                                                        : wire::mysql::Checksum::kCrc32);
  channel_.emplace(connection_.get());
  channel_->LimitSilence(kSilence);
  place_ = LogPlace(changes_.begin.file, changes_.begin.offset, LogPlace::Asked::kByOffset);
  return RequestByOffset(*channel_, changes_.begin.file, changes_.begin.offset, server_id,
                         connection_->is_mysql() ? 0 : kSendAnnotations);
}

base::StatusOr<std::optional<Event>> XaReplay::NextOfLog() {
  if (payload_) {
    GODWIT_ASSIGN_OR_RETURN(std::optional<Event> event, payload_->Next());
    if (event) return event;
    payload_.reset();
  }
  if (!channel_->has_buffered_packet()) {
    GODWIT_ASSIGN_OR_RETURN(const bool readable,
                            channel_->WaitReadable(static_cast<int>(kSilence.count())));
    if (!readable) return base::Unavailable("source: it does not send its log");
  }
  GODWIT_ASSIGN_OR_RETURN(const std::string_view packet, channel_->Receive());
  switch (wire::mysql::KindOf(packet)) {
    case wire::mysql::PacketKind::kOk:
      break;
    case wire::mysql::PacketKind::kError: {
      GODWIT_ASSIGN_OR_RETURN(wire::mysql::ErrorPacket error, wire::mysql::DecodeError(packet));
      return StatusOfError(error.code, error.message,
                           fmt::format("source: reading an XA transaction that was prepared at "
                                       "{}:{}",
                                       changes_.begin.file, changes_.begin.offset));
    }
    default:
      return base::Unavailable("source: the server ended the binlog");
  }
  GODWIT_ASSIGN_OR_RETURN(const Event event, framer_.Frame(packet.substr(1)));
  if (event.header.type == EventType::kRotate) {
    GODWIT_ASSIGN_OR_RETURN(const wire::mysql::RotateEvent rotate,
                            wire::mysql::DecodeRotate(event.body));
    place_.Enter(rotate.file, rotate.position);
    return std::optional<Event>();
  }
  if (!place_.Advance(event.header)) return std::optional<Event>();
  if (event.header.type == EventType::kTransactionPayload) {
    GODWIT_ASSIGN_OR_RETURN(payload_, wire::mysql::TransactionPayload::Open(event.body));
  }
  return std::optional<Event>(event);
}

base::StatusOr<std::optional<XaReplay::Piece>> XaReplay::CheckEnd(const Event& event) const {
  GODWIT_ASSIGN_OR_RETURN(const wire::mysql::XaPrepareEvent prepare,
                          wire::mysql::DecodeXaPrepare(event.body));
  if (wire::mysql::XaName(prepare.xa) == changes_.name) return std::optional<Piece>();
  return base::DataLoss(
      "source: at {}:{}, where XA transaction {} was prepared, its log has another one now: copy "
      "anew with `godwit run --restart`",
      changes_.begin.file, changes_.begin.offset, changes_.name);
}

base::StatusOr<std::optional<XaReplay::Piece>> XaReplay::Next() {
  if (connection_ == nullptr) {
    if (next_ == changes_.events->size()) return std::optional<Piece>();
    const XaChanges::Event& held = (*changes_.events)[next_++];
    return std::optional<Piece>(Piece{{held.header, held.body}, changes_.events, held.body.size()});
  }
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(std::optional<Event> event, NextOfLog());
    if (!event) continue;
    if (event->header.type == EventType::kXaPrepare) return CheckEnd(*event);
    if (!IsChange(*event)) continue;
    auto body = std::make_shared<const std::string>(event->body);
    event->body = *body;
    const size_t bytes = body->size();
    return std::optional<Piece>(Piece{*event, std::move(body), bytes});
  }
}

}  // namespace godwit::connectors::mysql
