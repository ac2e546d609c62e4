#include "connectors/postgres/log/change_stream.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <variant>

#include "connectors/postgres/log/log_hold.h"
#include "connectors/postgres/log/slot_statements.h"

namespace godwit::connectors::postgres {
namespace {

using model::ChangeBatch;
using model::ChangeEvent;
using model::ChangeKind;
using wire::postgres::Keepalive;
using wire::postgres::LogData;
using wire::postgres::Lsn;
using wire::postgres::OldTuple;
using wire::postgres::Relation;

// Of a batch: what is handed on at once while more is there, and what is read at most for it.
constexpr size_t kBatchBytes = 256 * 1024;
constexpr size_t kMostRead = 8 * 1024 * 1024;
// Of a message, which is not copied; and of one for which those behind it are not read at once.
constexpr size_t kLarge = WaitingTransaction::kLargeBytes;
constexpr size_t kVeryLarge = 16 * 1024 * 1024;
constexpr std::chrono::milliseconds kHeartbeatPeriod(200);
constexpr std::chrono::seconds kReportPeriod(1);
constexpr std::chrono::seconds kLongestSilence(10);

int64_t NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

model::Position At(Lsn lsn) { return LogPosition{lsn, std::nullopt}.ToPosition(); }

}  // namespace

base::StatusOr<std::unique_ptr<SlotStream>> SlotStream::Open(
    const Server& server, const connector::StreamStart& start, const std::string& hold,
    const std::optional<std::string>& spill_dir, EarlyChanges& early,
    std::unique_ptr<CapturedDdl> captured) {
  GODWIT_ASSIGN_OR_RETURN(const LogPosition after, LogPosition::Parse(start.after));
  GODWIT_ASSIGN_OR_RETURN(FollowedTables tables, FollowedTables::Make(start.tables, after.lsn));
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::Open(server, "source", Connection::Use::kReplication));
  GODWIT_RETURN_IF_ERROR(ExpectHeld(*connection, hold, after.lsn));
  GODWIT_RETURN_IF_ERROR(ExpectPublished(*connection, hold, tables.Numbers()));
  // Also where no DDL is captured any more.
  GODWIT_ASSIGN_OR_RETURN(ComposedDdl left, ComposeLater(tables, start.filter, after.lsn));
  if (spill_dir && StreamsInProgress(connection->server_version())) {
    // That no file can be made there is found before anything is read.
    GODWIT_RETURN_IF_ERROR(SpillFile::Make(*spill_dir).status());
  }
  GODWIT_RETURN_IF_ERROR(connection->StartCopyBoth(StartReplication(
      hold, after.lsn, connection->server_version(), spill_dir.has_value(), captured != nullptr)));
  return std::unique_ptr<SlotStream>(
      new SlotStream(server, hold, start.filter, std::move(connection), std::move(tables),
                     after.lsn, spill_dir, early, std::move(captured), std::move(left)));
}

void SlotStream::Applied(const model::Position& position) {
  const auto parsed = LogPosition::Parse(position);
  if (parsed.ok()) applied_ = parsed->lsn;
}

base::StatusOr<std::unique_ptr<ChangeBatch>> SlotStream::Next(std::chrono::milliseconds wait) {
  GODWIT_RETURN_IF_ERROR(ended_);
  auto batch = std::make_unique<ChangeBatch>();
  const auto until = Clock::now() + wait;
  GODWIT_RETURN_IF_ERROR(TellCaptured(std::exchange(left_before_, {}), told_, *batch));
  GODWIT_RETURN_IF_ERROR(LookForGone(*batch));
  if (!batch->events.empty()) wait = std::chrono::milliseconds(0);
  large_is_next_ = false;
  while (!large_is_next_ && batch->arena.bytes() < kBatchBytes && batch->log_bytes < kMostRead) {
    // What came before an error is handed on first.
    if (replayed_ != nullptr) {
      ended_ = Replay(*batch);
    } else {
      base::StatusOr<CopyData> message = connection_->NextMessage(wait);
      if (absl::IsNotFound(message.status())) GODWIT_RETURN_IF_ERROR(ExpectStillPublished());
      GODWIT_RETURN_IF_ERROR(message.status());
      if (!*message) break;
      ended_ = Take(*std::move(message), *batch);
    }
    if (!ended_.ok()) break;
    // While others write to the server, and nobody to the task's tables, keepalives come without
    // end.
    if (!batch->events.empty())
      wait = std::chrono::milliseconds(0);
    else if (Clock::now() >= until)
      break;
  }
  TellHeartbeat(*batch);
  if (ended_.ok()) GODWIT_RETURN_IF_ERROR(Report(false));
  if (batch->events.empty() && !ended_.ok()) return ended_;
  if (batch->events.empty()) return std::unique_ptr<ChangeBatch>();
  batch->bytes += batch->arena.bytes() + batch->events.capacity() * sizeof(ChangeEvent);
  return batch;
}

base::Status SlotStream::Take(CopyData message, ChangeBatch& batch) {
  GODWIT_ASSIGN_OR_RETURN(const wire::postgres::ReplicationMessage parsed,
                          wire::postgres::ParseReplicationMessage(message.view()));
  if (const auto* keepalive = std::get_if<Keepalive>(&parsed)) {
    received_ = std::max(received_, keepalive->end);
    return Report(keepalive->reply_requested);
  }
  LogData data = std::get<LogData>(parsed);
  ++messages_;
  if (decoder_.in_stream() && wire::postgres::StreamedXid(data.data))
    return waiting_.Add({messages_, data.start, data.data});
  batch.log_bytes += message.view().size();
  if (data.data.size() < kLarge) {
    data.data = batch.arena.Copy(data.data);  // rows are views into it
  } else {
    Keep(std::make_shared<const CopyData>(std::move(message)), data.data.size(), batch);
  }
  tables_.SetArrival(messages_);
  return TakeLogData(data, batch);
}

void SlotStream::Keep(std::shared_ptr<const void> memory, size_t size, ChangeBatch& batch) {
  large_is_next_ = size >= kVeryLarge;
  batch.bytes += size;
  batch.pinned.push_back(std::move(memory));
}

void SlotStream::TellHeartbeat(ChangeBatch& batch) {
  const auto now = Clock::now();
  if (!ended_.ok() || in_transaction_ || received_ <= told_ || now - told_at_ < kHeartbeatPeriod)
    return;
  told_ = received_;
  told_at_ = now;
  ChangeEvent& event = batch.events.emplace_back();
  event.kind = ChangeKind::kHeartbeat;
  event.position = At(received_);
}

base::Status SlotStream::TakeLogData(const LogData& data, ChangeBatch& batch) {
  auto& decoder = replayed_ != nullptr ? replay_decoder_ : decoder_;
  base::StatusOr<wire::postgres::PgOutputMessage> message = decoder.Decode(data.data, rows_);
  if (!message.ok()) {
    return base::Annotate(message.status(),
                          "source: the log at " + wire::postgres::LsnText(data.start));
  }
  if (const auto* begin = std::get_if<wire::postgres::Begin>(&*message)) {
    return Begin(*begin, batch);
  } else if (const auto* commit = std::get_if<wire::postgres::Commit>(&*message)) {
    return EndTransaction(*commit, batch);
  } else if (const auto* relation = std::get_if<wire::postgres::Relation>(&*message)) {
    return TakeRelation(*relation, batch);
  } else if (const auto* insert = std::get_if<wire::postgres::Insert>(&*message)) {
    return TakeRow(ChangeKind::kInsert, insert->relation, OldTuple::kNone, batch);
  } else if (const auto* update = std::get_if<wire::postgres::Update>(&*message)) {
    return TakeRow(ChangeKind::kUpdate, update->relation, update->old, batch);
  } else if (const auto* deleted = std::get_if<wire::postgres::Delete>(&*message)) {
    return TakeRow(ChangeKind::kDelete, deleted->relation, deleted->old, batch);
  } else if (const auto* truncate = std::get_if<wire::postgres::Truncate>(&*message)) {
    return TakeTruncate(*truncate, batch);
  } else if (const auto* said = std::get_if<wire::postgres::LogicalMessage>(&*message)) {
    return captured_ == nullptr ? base::OkStatus() : captured_->Take(*said, tables_);
  } else if (const auto* block = std::get_if<wire::postgres::StreamStart>(&*message)) {
    return waiting_.BeginBlock(*block);
  } else if (const auto* streamed = std::get_if<wire::postgres::StreamCommit>(&*message)) {
    return BeginReplay(*streamed, batch);
  } else if (const auto* abort = std::get_if<wire::postgres::StreamAbort>(&*message)) {
    waiting_.Abort(*abort);
  }
  // What is left says nothing about rows: origins, types, messages of others, ends of blocks.
  // Prepared transactions come once they are committed.
  return base::OkStatus();
}

base::Status SlotStream::Begin(const wire::postgres::Begin& begin, ChangeBatch& batch) {
  begin_ = begin;
  in_transaction_ = true;
  begin_told_ = false;
  if (captured_ != nullptr)
    return TellCaptured(captured_->Begin(begin, tables_), begin_.commit, batch);
  std::vector<EarlyChanges::Change> changes;
  {
    std::lock_guard lock(early_.mutex);
    if (const auto known = early_.by_commit.find(begin.commit); known != early_.by_commit.end())
      changes = known->second;
  }
  for (EarlyChanges::Change& change : changes) {
    const FollowedTable* table = tables_.FindTable(change.before.oid);
    if (table == nullptr || table->definition != change.before) continue;
    GODWIT_RETURN_IF_ERROR(TellDdl(*table, std::move(change.ddl), batch));
  }
  return base::OkStatus();
}

base::Status SlotStream::EndTransaction(const wire::postgres::Commit& commit, ChangeBatch& batch) {
  ComposedDdl later;
  if (captured_ != nullptr) {
    GODWIT_ASSIGN_OR_RETURN(later, captured_->After(tables_, commit.end));
    GODWIT_RETURN_IF_ERROR(
        TellCaptured(captured_->End(tables_, begin_told_), begin_.commit, batch));
  }
  TellBegin(batch);
  in_transaction_ = false;
  received_ = std::max(received_, commit.end);
  // Where a DDL follows it is not yet the end that is reached, but a place within the record of the
  // commit: a stream that begins there has the rows behind it, and the DDL before it.
  const Lsn end = later.ddl == nullptr ? commit.end : commit.end - 1;
  told_ = std::max(told_, end);
  ChangeEvent& event = batch.events.emplace_back();
  event.kind = ChangeKind::kCommit;
  event.position = At(end);
  event.commit_time_us = commit.commit_time_us;
  return TellCaptured(std::move(later), end, batch);
}

base::Status SlotStream::TellCaptured(base::StatusOr<ComposedDdl> composed, Lsn at,
                                      ChangeBatch& batch) {
  GODWIT_RETURN_IF_ERROR(composed.status());
  if (composed->ddl == nullptr) return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(tables_.Follow(*composed->ddl, at, composed->missing));
  seen_published_.clear();
  ChangeEvent& event = batch.events.emplace_back();
  event.kind = ChangeKind::kDdl;
  event.position = At(at);
  event.commit_time_us = composed->commit_time_us;
  event.ddl = std::move(composed->ddl);
  return base::OkStatus();
}

void SlotStream::TellBegin(ChangeBatch& batch) {
  if (std::exchange(begin_told_, true)) return;
  ChangeEvent& event = batch.events.emplace_back();
  event.kind = ChangeKind::kBegin;
  event.position = At(begin_.commit);
  event.commit_time_us = begin_.commit_time_us;
}

base::Status SlotStream::TellDdl(const FollowedTable& table,
                                 std::shared_ptr<const model::DdlChange> ddl, ChangeBatch& batch) {
  if (begin_told_) {
    std::lock_guard lock(early_.mutex);
    early_.by_commit[begin_.commit].push_back({table.definition, std::move(ddl)});
    return base::Unavailable(
        "source: the transaction at {} is read once more: it changes a definition among its rows",
        wire::postgres::LsnText(begin_.commit));
  }
  GODWIT_RETURN_IF_ERROR(tables_.Redefine(*ddl, begin_.commit));
  seen_published_.clear();
  ChangeEvent& event = batch.events.emplace_back();
  event.kind = ChangeKind::kDdl;
  event.position = At(begin_.commit);
  event.commit_time_us = begin_.commit_time_us;
  event.ddl = std::move(ddl);
  return base::OkStatus();
}

base::Status SlotStream::TakeRelation(const Relation& relation, ChangeBatch& batch) {
  if (captured_ != nullptr) return TakeDescribed(relation);
  FollowedRelation& described = tables_.Describe(relation);
  if (described.table == nullptr) return TakeUnknown(relation, batch);
  const FollowedTable& table = *described.table;
  if (table.HasSeen(begin_.xid, begin_.commit)) {
    // As it was before it was copied, which all these rows were; if that is another form, it is
    // described anew before other rows.
    if (Compare(table.definition, relation).none())
      tables_.Map(relation, described, {}).IgnoreError();
    return base::OkStatus();
  }
  GODWIT_RETURN_IF_ERROR(follower_.Await(begin_.xid));
  GODWIT_RETURN_IF_ERROR(follower_.ExpectSame(table.definition, relation));
  return TakeChange(relation, batch);
}

base::Status SlotStream::TakeDescribed(const Relation& relation) {
  FollowedRelation& described = tables_.Describe(relation);
  if (captured_->gathers()) return base::OkStatus();  // and so its rows are left out
  if (described.table == nullptr) return captured_->ExpectOfOthers(relation, tables_);
  if (!described.table->HasSeen(begin_.xid, begin_.commit))
    return captured_->Map(relation, described, tables_);
  if (Compare(described.table->definition, relation).none())
    tables_.Map(relation, described, {}).IgnoreError();
  return base::OkStatus();
}

// A partition that has come since, or one that has gone since.
base::Status SlotStream::TakeUnknown(const Relation& relation, ChangeBatch& batch) {
  GODWIT_RETURN_IF_ERROR(follower_.Await(begin_.xid));
  GODWIT_ASSIGN_OR_RETURN(const DefinitionFollower::Whereabouts now, follower_.Locate(relation.id));
  const FollowedTable* table = tables_.FindTable(now.root);
  if (table == nullptr) {
    spdlog::warn("source: rows of {}.{} are left out: it was a partition, and is none any more",
                 relation.schema, relation.name);
    return base::OkStatus();
  }
  GODWIT_ASSIGN_OR_RETURN(model::DdlChange ddl,
                          follower_.NewPartition(table->definition, relation.id));
  GODWIT_RETURN_IF_ERROR(
      TellDdl(*table, std::make_shared<const model::DdlChange>(std::move(ddl)), batch));
  return TakeChange(relation, batch);
}

base::Status SlotStream::TakeChange(const Relation& relation, ChangeBatch& batch) {
  FollowedRelation& described = tables_.Describe(relation);
  const FollowedTable& table = *described.table;
  if (relation.replica_identity == 'f' && !table.identity.empty()) {
    GODWIT_ASSIGN_OR_RETURN(const bool has_identity, follower_.HasIdentity(table.definition));
    if (!has_identity) return NoIdentity(table);
  }
  if (Compare(table.definition, relation).none()) return tables_.Map(relation, described, {});
  if (table.redefined_at == begin_.commit) {
    // The change may be one that the transaction makes later on.
    GODWIT_ASSIGN_OR_RETURN(const auto earlier, follower_.Earlier(table.definition, relation));
    if (earlier) return tables_.Map(relation, described, *earlier);
  }
  GODWIT_ASSIGN_OR_RETURN(model::DdlChange ddl, follower_.Change(table.definition, relation));
  GODWIT_RETURN_IF_ERROR(
      TellDdl(table, std::make_shared<const model::DdlChange>(std::move(ddl)), batch));
  return tables_.Map(relation, tables_.Describe(relation), {});
}

base::Status SlotStream::Report(bool now) {
  const Lsn applied = applied_;
  const auto silence = Clock::now() - reported_at_;
  const bool due = (applied > reported_ && silence >= kReportPeriod) || silence >= kLongestSilence;
  if (!now && !due) return base::OkStatus();
  reported_ = applied;
  reported_at_ = Clock::now();
  return connection_->SendMessage(
      wire::postgres::StandbyStatusUpdate(std::max(received_, applied), applied, NowUs(), false));
}

}  // namespace godwit::connectors::postgres
