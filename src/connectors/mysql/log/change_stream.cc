#include "connectors/mysql/log/change_stream.h"

#include <algorithm>

#include "connectors/mysql/connection/server_settings.h"
#include "connectors/mysql/log/event_role.h"
#include "connectors/mysql/relay/relay_input.h"
#include "wire/mysql/query_event.h"
#include "wire/mysql/rows.h"
#include "wire/mysql/xa.h"

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::EventType;

constexpr size_t kBatchBytes = 1024 * 1024;

bool HasRoom(const model::ChangeBatch& batch) {
  return batch.bytes + batch.arena.bytes() < kBatchBytes;
}

// For the relay to see that it has the log that the server has: a connection and two questions.
constexpr std::chrono::seconds kRelayWait(5);

bool IsReachedBefore(const connector::TrackedTable& a, const connector::TrackedTable& b) {
  return ComparePositions(a.from, b.from) == std::partial_ordering::less;
}

}  // namespace

base::StatusOr<std::unique_ptr<BinlogStream>> BinlogStream::Open(
    const Server& server, const connector::StreamStart& start, uint32_t server_id,
    RowEvents::NeedsStatements statements, const RelayUse& relay,
    std::shared_ptr<OtherReaders> others) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::Open(server, "source", Connection::Text::kBinary));
  std::unique_ptr<BinlogStream> stream(new BinlogStream(server, std::move(connection), start,
                                                        server_id, std::move(statements), relay,
                                                        std::move(others)));
  GODWIT_ASSIGN_OR_RETURN(auto collations, ReadCollations(*stream->connection_));
  stream->follower_.KnowCollations(std::move(collations));
  for (const connector::TrackedTable& table : start.tables) {
    if (table.from.empty()) {
      GODWIT_RETURN_IF_ERROR(stream->follower_.Track(table));
    } else {
      if (table.definition.empty())
        stream->follower_.Ignore(table.name);
      else
        stream->follower_.IgnoreUntilReached(table.name);
      GODWIT_ASSIGN_OR_RETURN(const LogPosition from, LogPosition::Parse(table.from));
      stream->not_reached_[from.file.empty() ? 1 : 0].push_back(table);
    }
  }
  for (auto& tables : stream->not_reached_) std::ranges::stable_sort(tables, IsReachedBefore);
  // The server logs what becomes of sequences as rows; their values are set when the task ends.
  GODWIT_ASSIGN_OR_RETURN(
      std::vector<ResultRow> sequences,
      stream->connection_->Query(
          "SELECT table_schema, table_name FROM information_schema.tables WHERE "
          "table_type = 'SEQUENCE'"));
  for (const ResultRow& row : sequences)
    stream->follower_.Ignore({row[0].value_or(""), row[1].value_or("")});
  // What tables are made with that say nothing of it: as it was at the place where the stream
  // begins, for databases of which that is not known as it is now; changed from here on by what the
  // log says.
  GODWIT_ASSIGN_OR_RETURN(const std::vector<model::SchemaDefault> now,
                          ReadSchemaDefaults(*stream->connection_));
  stream->follower_.KnowSchemas(start.schemas, now);
  GODWIT_ASSIGN_OR_RETURN(const std::string engine,
                          stream->connection_->Variable("default_storage_engine"));
  stream->follower_.KnowDefaultEngine(engine);
  GODWIT_ASSIGN_OR_RETURN(const Settings settings, ReadSettings(*stream->connection_));
  stream->follower_.KnowKeysAreLogged(LogsWhatKeysDo(settings));
  stream->catalog_read_ = start.catalog_read;
  stream->follower_.TablesAreKnown(start.catalog_read.empty());
  GODWIT_RETURN_IF_ERROR(stream->RequestLog(start));
  return stream;
}

base::Status BinlogStream::RequestLog(const connector::StreamStart& start) {
  GODWIT_ASSIGN_OR_RETURN(LogPosition after, LogPosition::Parse(start.after));
  xa_.KnowPrepared(std::exchange(after.prepared, {}));
  GODWIT_ASSIGN_OR_RETURN(ShadowFilling filling, ShadowFilling::Parse(after.shadows));
  follower_.KnowFilling(std::move(filling));
  const LogPlace from(after.file, after.offset,
                      after.gtids.empty() ? LogPlace::Asked::kByOffset : LogPlace::Asked::kByGtid);
  GODWIT_RETURN_IF_ERROR(reader_.Prepare(*connection_, from));
  told_ = start.after;
  told_has_file_ = !after.file.empty();
  GODWIT_ASSIGN_OR_RETURN(const std::string image, connection_->Variable("binlog_row_image"));
  rows_.ExpectStatements(image != "FULL");
  GODWIT_ASSIGN_OR_RETURN(const bool begun, BeginWithRelay(after));
  if (begun) return base::OkStatus();
  return log_->Request(*connection_, reader_.channel(), after, server_id_,
                       rows_.expects_statements());
}

base::StatusOr<bool> BinlogStream::BeginWithRelay(const LogPosition& after) {
  if (relay_.relay == nullptr) return false;
  auto files = relay_.relay->FilesOf(*connection_);
  if (!files.ok()) return false;  // which is for who runs the relay to tell
  (*files)->WaitForWord(kRelayWait);
  const bool is_mysql = connection_->is_mysql();
  GODWIT_ASSIGN_OR_RETURN(const auto start, FindStart(**files, after, is_mysql, server_id_));
  // From a place that MariaDB's GTIDs alone tell, it cannot be said which events were passed over.
  if (is_mysql || !after.file.empty()) relay_files_ = *std::move(files);
  // Where a set of transactions alone is in the files is to be heard of the server first.
  if (!start || after.file.empty()) return false;
  GODWIT_RETURN_IF_ERROR(log_->StartAt(after));
  GODWIT_RETURN_IF_ERROR(ReadRelay(*start));
  return true;
}

base::Status BinlogStream::TurnToRelay() {
  if (relay_files_ == nullptr || from_relay_ || !relay_files_->is_running())
    return base::OkStatus();
  if (log_->in_group() || in_transaction_) return base::OkStatus();
  // A log that was asked for by GTIDs begins before what is new, with its file.
  if (ComparePositions(Here(), told_) == std::partial_ordering::less) return base::OkStatus();
  const RelayFiles::Place here{reader_.place().file(), reader_.place().offset()};
  if (!relay_files_->GoesOnFrom(here, server_id_)) return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(ReadRelay(here));
  connection_->Cancel();  // the server need not send it any more
  return base::OkStatus();
}

base::Status BinlogStream::ReadRelay(const RelayFiles::Place& start) {
  GODWIT_ASSIGN_OR_RETURN(
      std::unique_ptr<RelayInput> input,
      RelayInput::Open(relay_files_, start, cancelled_.get_token(), server_id_));
  wire::mysql::MysqlGtidSet seen;
  if (connection_->is_mysql()) {
    GODWIT_ASSIGN_OR_RETURN(seen, wire::mysql::MysqlGtidSet::Parse(log_->gtids()));
  }
  const wire::mysql::Checksum checksum = input->checksum();
  reader_.GoOnWith(std::move(input), LogPlace(start.file, start.offset, LogPlace::Asked::kByOffset),
                   checksum, std::move(seen));
  from_relay_ = true;
  return base::OkStatus();
}

base::StatusOr<std::unique_ptr<model::ChangeBatch>> BinlogStream::Next(
    std::chrono::milliseconds wait) {
  if (xa_.replay() == nullptr && !payload_ && !reader_.has_next()) {
    GODWIT_ASSIGN_OR_RETURN(const bool readable, reader_.Wait(wait));
    if (!readable) return std::unique_ptr<model::ChangeBatch>();
    if (!std::exchange(large_is_next_, false)) {
      GODWIT_ASSIGN_OR_RETURN(large_is_next_, reader_.LargeIsNext());
      if (large_is_next_) return std::unique_ptr<model::ChangeBatch>();
    }
  }
  auto batch = std::make_unique<model::ChangeBatch>();
  do {
    if (xa_.replay() != nullptr) {
      GODWIT_RETURN_IF_ERROR(At(HandleReplay(*batch)));
    } else if (payload_) {
      GODWIT_RETURN_IF_ERROR(At(HandlePayload(*batch)));
    } else {
      GODWIT_RETURN_IF_ERROR(HandleNext(*batch));
    }
  } while ((xa_.replay() != nullptr || payload_ || reader_.has_next()) && HasRoom(*batch));
  TellPlace(*batch);
  batch->bytes += batch->arena.bytes() + batch->events.capacity() * sizeof(model::ChangeEvent);
  return batch;
}

base::Status BinlogStream::HandleNext(model::ChangeBatch& batch) {
  const base::StatusOr<LogReader::Item> next = reader_.Next();
  if (!next.ok()) return other_readers_->Judge(next.status());
  const LogReader::Item& item = *next;
  const ReceiveBlock& block = reader_.block();
  if (batch.pinned.empty() || batch.pinned.back() != block) batch.pinned.push_back(block);
  batch.log_bytes += item.bytes.size();
  batch.bytes += item.bytes.size();
  switch (item.kind) {
    case LogReader::Kind::kEvent:
      return At(HandleEvent(item.event, batch));
    case LogReader::Kind::kNewFile:
      rows_.ForgetTableMaps();
      return TurnToRelay();
    case LogReader::Kind::kHeartbeat:
      at_log_end_ = true;
      return TurnToRelay();
    case LogReader::Kind::kBeforeStart:
      break;
  }
  return base::OkStatus();
}

model::Position BinlogStream::Here() const {
  const LogPlace& place = reader_.place();
  return LogPosition{place.file(), place.offset(), log_->gtids(), xa_.Prepared(),
                     follower_.filling().ToText()}
      .ToPosition();
}

base::Status BinlogStream::At(const base::Status& status) const {
  return status.ok() ? status : base::Annotate(status, "at " + reader_.Where());
}

base::Status BinlogStream::HandleEvent(const wire::mysql::Event& event, model::ChangeBatch& batch) {
  GODWIT_ASSIGN_OR_RETURN(const bool opens, log_->OpensGroup(event));
  if (!opens) return HandleInGroup(event, batch);
  const std::string& file = reader_.place().file();
  group_offset_ = reader_.place().event_start();
  if (log_->prepares_xa()) xa_.BeginGroup({file, group_offset_});
  group_start_ = LogPosition{file, group_offset_, log_->gtids_at_begin()}.ToPosition();
  if (!catalog_read_.empty() &&
      ComparePositions(group_start_, catalog_read_) != std::partial_ordering::less) {
    catalog_read_ = {};
    follower_.TablesAreKnown(true);
    rows_.ForgetTableMaps();  // of tables whose rows were passed over
  }
  return TrackTablesReached();
}

base::Status BinlogStream::HandleInGroup(const wire::mysql::Event& event,
                                         model::ChangeBatch& batch) {
  if (xa_.in_first_group()) {
    GODWIT_ASSIGN_OR_RETURN(const XaFollower::Step step, xa_.Take(event, CommitTime(event)));
    return Follow(step, event, batch);
  }
  const EventType type = event.header.type;
  switch (type) {
    case EventType::kTransactionPayload: {
      GODWIT_ASSIGN_OR_RETURN(payload_, wire::mysql::TransactionPayload::Open(event.body));
      payload_block_ = reader_.block();
      return base::OkStatus();
    }
    case EventType::kQuery:
    case EventType::kMariadbQueryCompressed:
      return HandleQuery(event, batch);
    case EventType::kMariadbAnnotateRows:
      return rows_.TakeStatement(event);
    case EventType::kTableMap:
      return rows_.TakeTableMap(event);
    case EventType::kXid:
      GODWIT_RETURN_IF_ERROR(rows_.EndTransaction());
      Commit(CommitTime(event), batch);
      return base::OkStatus();
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
  return CheckRole(event.header);
}

base::Status BinlogStream::Follow(XaFollower::Step step, const wire::mysql::Event& event,
                                  model::ChangeBatch& batch) {
  switch (step) {
    case XaFollower::Step::kGoesOn:
      break;
    case XaFollower::Step::kEnds:
      Commit(CommitTime(event), batch);
      break;
    case XaFollower::Step::kReplays:  // with its own table maps
      rows_.ForgetTableMaps();
      break;
  }
  return base::OkStatus();
}

base::Status BinlogStream::HandleReplay(model::ChangeBatch& batch) {
  while (HasRoom(batch)) {
    GODWIT_ASSIGN_OR_RETURN(std::optional<XaReplay::Piece> piece, xa_.replay()->Next());
    if (!piece) {
      const int64_t commit_time_us = xa_.replay()->commit_time_us();
      GODWIT_RETURN_IF_ERROR(rows_.EndTransaction());
      Commit(commit_time_us, batch);
      xa_.EndReplay();
      rows_.ForgetTableMaps();
      return base::OkStatus();
    }
    batch.bytes += piece->bytes;
    batch.pinned.push_back(piece->pinned);
    GODWIT_RETURN_IF_ERROR(HandleInGroup(piece->event, batch));
  }
  return base::OkStatus();
}

// The rows' cells are views: each event's bytes go with the batch.
base::Status BinlogStream::HandlePayload(model::ChangeBatch& batch) {
  while (HasRoom(batch) && xa_.replay() == nullptr) {
    GODWIT_ASSIGN_OR_RETURN(std::optional<wire::mysql::Event> event, payload_->Next());
    if (!event) {
      payload_.reset();
      payload_block_.reset();
      return base::OkStatus();
    }
    auto body = std::make_shared<std::string>(event->body);
    event->body = *body;
    batch.bytes += body->size();
    batch.pinned.push_back(std::move(body));
    GODWIT_RETURN_IF_ERROR(HandleInGroup(*event, batch));
  }
  return base::OkStatus();
}

base::Status BinlogStream::TrackTablesReached() {
  for (std::deque<connector::TrackedTable>& tables : not_reached_) {
    while (!tables.empty() &&
           ComparePositions(group_start_, tables.front().from) != std::partial_ordering::less) {
      GODWIT_RETURN_IF_ERROR(follower_.Track(tables.front()));
      tables.pop_front();
      rows_.ForgetTableMaps();
    }
  }
  return base::OkStatus();
}

// Events outside of groups (a new file, what the server notes for itself) move the place too: who
// waits for the end of the log must hear of it. A log asked for by GTID is sent from the beginning
// of its file: only what lies beyond all that was told counts.
void BinlogStream::TellPlace(model::ChangeBatch& batch) {
  if (log_->in_group() || in_transaction_) return;
  model::Position here = Here();
  // Of a set of transactions nobody says where it ends in the file, but for a server that has no
  // more to send.
  const bool is_news =
      told_has_file_ ? ComparePositions(told_, here) == std::partial_ordering::less : at_log_end_;
  if (!is_news) return;
  told_has_file_ = true;
  model::ChangeEvent& heartbeat = batch.events.emplace_back();
  heartbeat.kind = model::ChangeKind::kHeartbeat;
  heartbeat.position = told_ = std::move(here);
}

void BinlogStream::Begin(const wire::mysql::Event& event, model::ChangeBatch& batch) {
  if (in_transaction_) return;
  in_transaction_ = true;
  model::ChangeEvent& begin = batch.events.emplace_back();
  begin.kind = model::ChangeKind::kBegin;
  begin.commit_time_us =
      xa_.replay() != nullptr ? xa_.replay()->commit_time_us() : CommitTime(event);
  begin.position = group_start_;
}

int64_t BinlogStream::CommitTime(const wire::mysql::Event& event) const {
  const int64_t time = log_->commit_time_us();
  return time != 0 ? time : int64_t{event.header.timestamp} * 1'000'000;
}

void BinlogStream::Commit(int64_t commit_time_us, model::ChangeBatch& batch) {
  log_->EndGroup();
  model::ChangeEvent& commit = batch.events.emplace_back();
  commit.kind = in_transaction_ ? model::ChangeKind::kCommit : model::ChangeKind::kHeartbeat;
  commit.commit_time_us = commit_time_us;
  commit.position = told_ = Here();
  told_has_file_ = true;
  in_transaction_ = false;
}

base::Status BinlogStream::HandleQuery(const wire::mysql::Event& event, model::ChangeBatch& batch) {
  std::string inflated;
  GODWIT_ASSIGN_OR_RETURN(wire::mysql::QueryEvent query, wire::mysql::DecodeQuery(event, inflated));
  if (const auto xa = wire::mysql::ParseXaStatement(query.sql)) {
    GODWIT_ASSIGN_OR_RETURN(
        const XaFollower::Step step,
        xa_.TakeStatement(*xa, {reader_.place().file(), group_offset_}, CommitTime(event)));
    return Follow(step, event, batch);
  }
  GODWIT_ASSIGN_OR_RETURN(const LogDialect::Statement place, log_->Place(query));
  if (place.frames) return base::OkStatus();
  DdlFollower::Followed followed;
  if (!place.undone) {
    GODWIT_ASSIGN_OR_RETURN(followed, follower_.Follow(query, event.header.timestamp));
  }
  if (followed.meaning == DdlFollower::Meaning::kDdl) {
    if (in_transaction_) {
      return base::FailedPrecondition(
          "the source's log has a statement among the rows of a transaction whose effect is not "
          "known ({}): copy anew with `godwit run --restart`",
          query.sql.substr(0, 200));
    }
    rows_.ForgetTableMaps();
    model::ChangeEvent& ddl = batch.events.emplace_back();
    ddl.kind = model::ChangeKind::kDdl;
    ddl.commit_time_us = CommitTime(event);
    ddl.ddl = std::move(followed.ddl);
    if (place.alone) {
      log_->EndGroup();
      ddl.position = told_ = Here();
      told_has_file_ = true;
    }
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
      Commit(CommitTime(event), batch);  // the end of a group that holds nothing of ours
    return base::OkStatus();
  }
  if (followed.meaning == DdlFollower::Meaning::kCommit || place.alone)
    Commit(CommitTime(event), batch);
  return base::OkStatus();
}

base::Status BinlogStream::HandleRows(const wire::mysql::Event& event, model::ChangeBatch& batch) {
  GODWIT_ASSIGN_OR_RETURN(const RowEvents::MappedTable* mapped, rows_.TableOf(event));
  if (mapped != nullptr) {
    Begin(event, batch);
    GODWIT_RETURN_IF_ERROR(rows_.Append(event, *mapped, batch));
  }
  rows_.EndEvent(event);
  return base::OkStatus();
}

}  // namespace godwit::connectors::mysql
