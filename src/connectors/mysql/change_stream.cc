#include "connectors/mysql/change_stream.h"

#include <mysql.h>

#include "connectors/mysql/column_hints.h"
#include "connectors/mysql/errors.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/row_sink.h"
#include "wire/mysql/packet.h"
#include "wire/mysql/query_event.h"
#include "wire/mysql/rows.h"

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::EventRole;
using wire::mysql::EventType;
using wire::mysql::MariadbGtidEvent;

constexpr size_t kBatchBytes = 1024 * 1024;
constexpr std::chrono::seconds kHeartbeat(2);
constexpr std::chrono::seconds kSilence(30);  // without even a heartbeat: the connection is dead

std::string LittleEndian(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}

}  // namespace

base::StatusOr<std::unique_ptr<MariadbChangeStream>> MariadbChangeStream::Open(
    const config::Endpoint& endpoint, const connector::StreamStart& start, uint32_t server_id) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::Open(endpoint, "source", Connection::Text::kBinary));
  std::unique_ptr<MariadbChangeStream> stream(
      new MariadbChangeStream(std::move(connection), start.filter));
  for (const connector::TrackedTable& table : start.tables) {
    if (table.from.empty()) {
      GODWIT_RETURN_IF_ERROR(stream->follower_.Track(table.name, table.definition));
    } else {
      stream->follower_.Ignore(table.name);
      stream->not_reached_.push_back(table);
    }
  }
  // The server logs what becomes of sequences as rows; their values are set when the task ends.
  GODWIT_ASSIGN_OR_RETURN(
      std::vector<ResultRow> sequences,
      stream->connection_->Query(
          "SELECT table_schema, table_name FROM information_schema.tables WHERE "
          "table_type = 'SEQUENCE'"));
  for (const ResultRow& row : sequences)
    stream->follower_.Ignore({row[0].value_or(""), row[1].value_or("")});
  GODWIT_RETURN_IF_ERROR(stream->RequestLog(start, server_id));
  return stream;
}

// https://mariadb.com/kb/en/com_binlog_dump/ and "Replica registration" for the variables.
base::Status MariadbChangeStream::RequestLog(const connector::StreamStart& start,
                                             uint32_t server_id) {
  GODWIT_ASSIGN_OR_RETURN(place_, LogPosition::Parse(start.after));
  auto gtids = wire::mysql::MariadbGtidSet::Parse(place_.gtids);
  if (!gtids.ok()) return gtids.status();
  gtids_ = *std::move(gtids);
  // Capability 4: the server sends GTID events and every other event of its own.
  GODWIT_RETURN_IF_ERROR(
      connection_
          ->Execute(fmt::format("SET @mariadb_slave_capability=4, @master_heartbeat_period={}, "
                                "@master_binlog_checksum=@@global.binlog_checksum",
                                std::chrono::nanoseconds(kHeartbeat).count()))
          .status());
  GODWIT_ASSIGN_OR_RETURN(std::string checksum, connection_->Variable("binlog_checksum"));
  framer_ = wire::mysql::EventFramer(checksum == "NONE" ? wire::mysql::Checksum::kNone
                                                        : wire::mysql::Checksum::kCrc32);
  std::string file = place_.file;
  uint64_t offset = place_.offset;
  if (!gtids_.empty()) {
    GODWIT_RETURN_IF_ERROR(
        connection_
            ->Execute(fmt::format("SET @slave_connect_state={}, @slave_gtid_strict_mode=0, "
                                  "@slave_gtid_ignore_duplicates=0",
                                  QuoteText(gtids_.ToString())))
            .status());
    file.clear();
    offset = 4;
  }
  if (offset > UINT32_MAX) {
    return base::FailedPrecondition(
        "source: offset {} in {} is past 4 GiB and the position has no GTID", offset, file);
  }
  told_ = start.after;
  last_received_ = std::chrono::steady_clock::now();
  return channel_.SendCommand(COM_BINLOG_DUMP, LittleEndian(offset, 4) + LittleEndian(0, 2) +
                                                   LittleEndian(server_id, 4) + file);
}

base::StatusOr<std::unique_ptr<model::ChangeBatch>> MariadbChangeStream::Next(
    std::chrono::milliseconds wait) {
  if (!channel_.has_buffered_packet()) {
    GODWIT_ASSIGN_OR_RETURN(bool readable, channel_.WaitReadable(static_cast<int>(wait.count())));
    if (!readable) {
      if (std::chrono::steady_clock::now() - last_received_ > kSilence) {
        return base::Unavailable("source: nothing heard for {} s, not even a heartbeat",
                                 kSilence.count());
      }
      return std::unique_ptr<model::ChangeBatch>();
    }
  }
  auto batch = std::make_unique<model::ChangeBatch>();
  do {
    GODWIT_ASSIGN_OR_RETURN(std::string_view packet, channel_.Receive());
    if (batch->pinned.empty() || batch->pinned.back() != channel_.block()) {
      batch->pinned.push_back(channel_.block());
    }
    GODWIT_RETURN_IF_ERROR(At(HandlePacket(packet, *batch)));
    batch->log_bytes += packet.size();
    batch->bytes += packet.size();
  } while (channel_.has_buffered_packet() && batch->bytes + batch->arena.bytes() < kBatchBytes);
  TellPlace(*batch);
  last_received_ = std::chrono::steady_clock::now();
  batch->bytes += batch->arena.bytes() + batch->events.capacity() * sizeof(model::ChangeEvent);
  return batch;
}

base::Status MariadbChangeStream::HandlePacket(std::string_view packet, model::ChangeBatch& batch) {
  switch (wire::mysql::KindOf(packet)) {
    case wire::mysql::PacketKind::kOk:
      break;
    case wire::mysql::PacketKind::kError: {
      GODWIT_ASSIGN_OR_RETURN(wire::mysql::ErrorPacket error, wire::mysql::DecodeError(packet));
      return StatusOfError(error.code, error.message, "source: reading the binlog");
    }
    default:
      return base::Unavailable("source: the server ended the binlog");
  }
  GODWIT_ASSIGN_OR_RETURN(wire::mysql::Event event, framer_.Frame(packet.substr(1)));
  return HandleEvent(event, batch);
}

void MariadbChangeStream::Advance(const wire::mysql::EventHeader& header) {
  event_start_ = place_.offset;
  if (header.artificial() || header.next_position == 0) return;
  // The header has the lower 32 bits of the offset; it only grows within a file.
  uint64_t offset = (place_.offset & ~uint64_t{UINT32_MAX}) | header.next_position;
  if (offset < place_.offset) offset += uint64_t{1} << 32;
  place_.offset = offset;
  event_start_ = offset - header.event_size;
}

model::Position MariadbChangeStream::Here() const {
  return LogPosition{place_.file, place_.offset, gtids_.ToString()}.ToPosition();
}

base::Status MariadbChangeStream::At(const base::Status& status) const {
  return status.ok() ? status
                     : base::Annotate(status, fmt::format("at {}:{}", place_.file, event_start_));
}

base::Status MariadbChangeStream::HandleEvent(const wire::mysql::Event& event,
                                              model::ChangeBatch& batch) {
  const EventType type = event.header.type;
  if (type == EventType::kRotate) {
    GODWIT_ASSIGN_OR_RETURN(wire::mysql::RotateEvent rotate, wire::mysql::DecodeRotate(event.body));
    place_.file = std::string(rotate.file);
    place_.offset = rotate.position;
    mapped_.clear();
    return base::OkStatus();
  }
  if (type == EventType::kHeartbeat) {
    GODWIT_ASSIGN_OR_RETURN(wire::mysql::HeartbeatEvent heartbeat,
                            wire::mysql::DecodeHeartbeat(event.body));
    if (heartbeat.file == place_.file) Advance(event.header);
    return base::OkStatus();
  }
  Advance(event.header);
  switch (type) {
    case EventType::kMariadbGtid:
      return HandleGtid(event);
    case EventType::kQuery:
    case EventType::kMariadbQueryCompressed:
      return HandleQuery(event, batch);
    case EventType::kTableMap:
      return HandleTableMap(event);
    case EventType::kXid:
      GODWIT_RETURN_IF_ERROR(history_.Finish());
      Commit(event, batch);
      return base::OkStatus();
    case EventType::kXaPrepare:
      return base::FailedPrecondition(
          "the source's log holds an XA transaction, prepared apart from its commit; these are "
          "not carried over: end it, and copy anew with `godwit run --restart`");
    case EventType::kIncident: {
      GODWIT_ASSIGN_OR_RETURN(wire::mysql::IncidentEvent incident,
                              wire::mysql::DecodeIncident(event.body));
      return base::FailedPrecondition(
          "the source has lost events of its log ({}): copy anew with `godwit run --restart`",
          incident.message);
    }
    default:
      break;
  }
  if (wire::mysql::IsRowsEvent(type)) return HandleRows(event, batch);
  switch (event.header.role()) {
    case EventRole::kHandled:
    case EventRole::kPassOver:
      return base::OkStatus();
    case EventRole::kStatement:  // the statement itself follows, and says which tables it is about
      return base::OkStatus();
    case EventRole::kUnsupported:
      break;
  }
  return base::FailedPrecondition("an event of type {} ({}) cannot be carried over",
                                  static_cast<int>(type), wire::mysql::EventTypeName(type));
}

base::Status MariadbChangeStream::HandleGtid(const wire::mysql::Event& event) {
  GODWIT_ASSIGN_OR_RETURN(group_, wire::mysql::DecodeMariadbGtid(event));
  group_start_ = LogPosition{place_.file, event_start_, ""}.ToPosition();
  if ((group_->flags & MariadbGtidEvent::kPreparedXa) != 0 ||
      (group_->flags & MariadbGtidEvent::kCompletedXa) != 0) {
    return base::FailedPrecondition(
        "the source's log holds an XA transaction, prepared apart from its commit; these are "
        "not carried over: end it, and copy anew with `godwit run --restart`");
  }
  return TrackTablesReached();
}

base::Status MariadbChangeStream::TrackTablesReached() {
  for (size_t i = 0; i < not_reached_.size();) {
    const connector::TrackedTable& table = not_reached_[i];
    if (ComparePositions(group_start_, table.from) == std::partial_ordering::less) {
      ++i;
      continue;
    }
    GODWIT_RETURN_IF_ERROR(follower_.Track(table.name, table.definition));
    not_reached_.erase(not_reached_.begin() + static_cast<ptrdiff_t>(i));
    mapped_.clear();
  }
  return base::OkStatus();
}

// Events outside of groups (a new file, what the server notes for itself) move the place too: who
// waits for the end of the log must hear of it. A log asked for by GTID is sent from the beginning
// of its file: only what lies beyond all that was told counts.
void MariadbChangeStream::TellPlace(model::ChangeBatch& batch) {
  if (group_ || in_transaction_) return;
  model::Position here = Here();
  if (ComparePositions(told_, here) != std::partial_ordering::less) return;
  model::ChangeEvent& heartbeat = batch.events.emplace_back();
  heartbeat.kind = model::ChangeKind::kHeartbeat;
  heartbeat.position = told_ = std::move(here);
}

void MariadbChangeStream::Begin(const wire::mysql::Event& event, model::ChangeBatch& batch) {
  if (in_transaction_) return;
  in_transaction_ = true;
  model::ChangeEvent& begin = batch.events.emplace_back();
  begin.kind = model::ChangeKind::kBegin;
  begin.commit_time_us = int64_t{event.header.timestamp} * 1'000'000;
  begin.position = group_start_;
}

void MariadbChangeStream::Commit(const wire::mysql::Event& event, model::ChangeBatch& batch) {
  if (group_) gtids_.Update(group_->gtid);
  group_.reset();
  model::ChangeEvent& commit = batch.events.emplace_back();
  commit.kind = in_transaction_ ? model::ChangeKind::kCommit : model::ChangeKind::kHeartbeat;
  commit.commit_time_us = int64_t{event.header.timestamp} * 1'000'000;
  commit.position = told_ = Here();
  in_transaction_ = false;
}

base::Status MariadbChangeStream::HandleQuery(const wire::mysql::Event& event,
                                              model::ChangeBatch& batch) {
  std::string inflated;
  GODWIT_ASSIGN_OR_RETURN(wire::mysql::QueryEvent query, wire::mysql::DecodeQuery(event, inflated));
  const bool standalone = group_ && group_->standalone();
  const bool undone = group_ && (group_->alter == MariadbGtidEvent::Alter::kStart ||
                                 group_->alter == MariadbGtidEvent::Alter::kRollback);
  DdlFollower::Followed followed;
  if (!undone) {
    GODWIT_ASSIGN_OR_RETURN(followed, follower_.Follow(query, event.header.timestamp));
  }
  if (followed.meaning == DdlFollower::Meaning::kDdl) {
    mapped_.clear();
    if (standalone) gtids_.Update(group_->gtid);
    model::ChangeEvent& ddl = batch.events.emplace_back();
    ddl.kind = model::ChangeKind::kDdl;
    ddl.commit_time_us = int64_t{event.header.timestamp} * 1'000'000;
    if (standalone) ddl.position = told_ = Here();
    ddl.ddl = std::move(followed.ddl);
    if (standalone) group_.reset();
    return base::OkStatus();
  }
  if (followed.meaning == DdlFollower::Meaning::kRollback) {
    if (in_transaction_) {
      return base::FailedPrecondition(
          "the source logged changes and then took them back ({}), as it does where a transaction "
          "also writes to "
          "temporary or non-transactional tables: copy anew with `godwit run --restart`",
          query.sql);
    }
    if (query.sql == "ROLLBACK")
      Commit(event, batch);  // the end of a group that holds nothing of ours
    return base::OkStatus();
  }
  if (followed.meaning == DdlFollower::Meaning::kCommit || standalone) Commit(event, batch);
  return base::OkStatus();
}

base::Status MariadbChangeStream::HandleTableMap(const wire::mysql::Event& event) {
  GODWIT_ASSIGN_OR_RETURN(uint64_t id, wire::mysql::PeekTableId(event.body));
  MappedTable& mapped = mapped_[id];
  if (mapped.body == event.body) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(wire::mysql::TableMap map, wire::mysql::DecodeTableMap(event.body));
  mapped = {};
  mapped.body = std::string(event.body);
  return MapTable(map, mapped);
}

base::Status MariadbChangeStream::MapTable(const wire::mysql::TableMap& map, MappedTable& mapped) {
  mapped.name = {map.schema, map.table};
  if (!filter_.table(map.schema, map.table) || follower_.IsIgnored(mapped.name))
    return base::OkStatus();
  mapped.wanted = true;
  mapped.table = follower_.Find(mapped.name);
  if (mapped.table == nullptr) {
    return base::FailedPrecondition(
        "table {}: the source's log changes its rows, but its definition at that place is not "
        "known; copy anew with `godwit run --restart`",
        mapped.name.ToString());
  }
  GODWIT_RETURN_IF_ERROR(CheckAgainstDefinition(map, *mapped.table));
  GODWIT_ASSIGN_OR_RETURN(mapped.layout,
                          wire::mysql::RowLayout::Compile(map, ColumnHints(map, *mapped.table)));
  return base::OkStatus();
}

base::Status MariadbChangeStream::HandleRows(const wire::mysql::Event& event,
                                             model::ChangeBatch& batch) {
  GODWIT_ASSIGN_OR_RETURN(uint64_t id, wire::mysql::PeekTableId(event.body));
  auto it = mapped_.find(id);
  if (it == mapped_.end()) {
    if (id == wire::mysql::RowsEvent::kDummyTableId) return base::OkStatus();
    return base::DataLoss("rows of table id {}, which no table map has announced", id);
  }
  const MappedTable& mapped = it->second;
  if (!mapped.wanted) return base::OkStatus();
  // The inflated rows of a compressed event are pinned with the batch: cells point into them.
  auto inflated = std::make_shared<std::string>();
  GODWIT_ASSIGN_OR_RETURN(wire::mysql::RowsEvent rows,
                          wire::mysql::DecodeRowsEvent(event, *inflated));
  if (!inflated->empty()) {
    batch.bytes += inflated->size();
    batch.pinned.push_back(inflated);
  }
  Begin(event, batch);
  if (std::find(batch.tables.begin(), batch.tables.end(), mapped.table) == batch.tables.end())
    batch.tables.push_back(mapped.table);
  const bool keys_act = (rows.flags & wire::mysql::RowsEvent::kNoForeignKeyChecks) == 0;
  RowSink sink(batch, mapped.table.get(), rows.kind, keys_act, history_);
  GODWIT_RETURN_IF_ERROR(wire::mysql::DecodeRows(rows, *mapped.layout, sink));
  if (sink.has_absent()) {
    return base::FailedPrecondition(
        "table {}: a row image in the source's log lacks columns; set binlog_row_image=FULL for "
        "all sessions of the source, and copy the table again",
        mapped.name.ToString());
  }
  return sink.status();
}

}  // namespace godwit::connectors::mysql
