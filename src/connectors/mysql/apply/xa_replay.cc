#include "connectors/mysql/apply/xa_replay.h"

#include <chrono>

#include "connectors/mysql/log/event_role.h"
#include "connectors/mysql/log/log_dialect.h"
#include "wire/mysql/control_events.h"
#include "wire/mysql/rows.h"
#include "wire/mysql/xa.h"

namespace godwit::connectors::mysql {

using wire::mysql::Event;
using wire::mysql::EventType;

bool IsChange(const Event& event) {
  const EventType type = event.header.type;
  return type == EventType::kTableMap || type == EventType::kMariadbAnnotateRows ||
         wire::mysql::IsRowsEvent(type);
}

base::Status XaReplay::Begin(uint32_t server_id) {
  if (changes_.events != nullptr) return base::OkStatus();
  return connection_->With(
      [&](Connection& connection) { return RequestLog(connection, server_id); });
}

base::Status XaReplay::RequestLog(Connection& connection, uint32_t server_id) {
  const auto& [file, offset] = changes_.begin;
  log_.emplace(
      PacketChannel(&connection),
      fmt::format("source: reading an XA transaction that was prepared at {}:{}", file, offset));
  GODWIT_RETURN_IF_ERROR(
      log_->Prepare(connection, LogPlace(file, offset, LogPlace::Asked::kByOffset)));
  GODWIT_RETURN_IF_ERROR(AskForOwnEvents(connection));
  return RequestByOffset(log_->channel(), file, offset, server_id,
                         connection.is_mysql() ? 0 : kSendAnnotations);
}

base::Status XaReplay::AnotherLog() const {
  return base::DataLoss(
      "source: at {}:{}, where XA transaction {} was prepared, its log has something else now: "
      "copy anew with `godwit run --restart`",
      changes_.begin.file, changes_.begin.offset, changes_.name);
}

// The log goes on without end, so that each sign counts that the group is not where it was: another
// file or the end of the log before it ends, and another group in its place or behind it.
base::StatusOr<Event> XaReplay::NextOfLog() {
  while (true) {
    if (!log_->has_next()) {
      GODWIT_ASSIGN_OR_RETURN(const bool readable, log_->Wait(std::chrono::seconds(1)));
      if (!readable) continue;
    }
    GODWIT_ASSIGN_OR_RETURN(const LogReader::Item item, log_->Next());
    const LogPlace& place = log_->place();
    switch (item.kind) {
      case LogReader::Kind::kBeforeStart:
        continue;
      case LogReader::Kind::kNewFile:
        if (place.file() != changes_.begin.file) return AnotherLog();
        continue;
      case LogReader::Kind::kHeartbeat:
        return AnotherLog();
      case LogReader::Kind::kEvent:
        break;
    }
    if (OpensGroup(item.event.header.type)) {
      if (in_group_ || place.event_start() != changes_.begin.offset) return AnotherLog();
      in_group_ = true;
    } else if (in_group_) {
      return item.event;
    }
  }
}

base::StatusOr<Event> XaReplay::NextOfGroup() {
  while (true) {
    if (payload_) {
      GODWIT_ASSIGN_OR_RETURN(const std::optional<Event> event, payload_->Next());
      if (event) return *event;
      payload_.reset();
    }
    GODWIT_ASSIGN_OR_RETURN(const Event event, NextOfLog());
    if (event.header.type != EventType::kTransactionPayload) return event;
    GODWIT_ASSIGN_OR_RETURN(payload_, wire::mysql::TransactionPayload::Open(event.body));
  }
}

base::StatusOr<std::optional<XaReplay::Piece>> XaReplay::CheckEnd(const Event& event) const {
  GODWIT_ASSIGN_OR_RETURN(const wire::mysql::XaPrepareEvent prepare,
                          wire::mysql::DecodeXaPrepare(event.body));
  if (wire::mysql::XaName(prepare.xa) != changes_.name) return AnotherLog();
  return std::optional<Piece>();
}

base::StatusOr<std::optional<XaReplay::Piece>> XaReplay::Next() {
  if (!log_) {
    if (next_ == changes_.events->size()) return std::optional<Piece>();
    const XaChanges::Event& held = (*changes_.events)[next_++];
    return std::optional<Piece>(Piece{{held.header, held.body}, changes_.events, held.body.size()});
  }
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(Event event, NextOfGroup());
    if (event.header.type == EventType::kXaPrepare) return CheckEnd(event);
    if (!IsChange(event)) continue;
    auto body = std::make_shared<const std::string>(event.body);
    event.body = *body;
    const size_t bytes = body->size();
    return std::optional<Piece>(Piece{event, std::move(body), bytes});
  }
}

}  // namespace godwit::connectors::mysql
