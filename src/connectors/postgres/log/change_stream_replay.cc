// Transactions that the server has sent while they were in progress, told at their commit as if
// they came whole then.
#include <spdlog/spdlog.h>

#include <variant>

#include "base/failpoint.h"
#include "connectors/postgres/log/change_stream.h"
#include "connectors/postgres/log/rolled_back.h"

namespace godwit::connectors::postgres {
namespace {

// Of what is left out, passed over in one step.
constexpr size_t kMostPassed = 1024 * 1024;

}  // namespace

base::Status SlotStream::BeginReplay(const wire::postgres::StreamCommit& commit,
                                     model::ChangeBatch& batch) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<WaitingTransaction> committed,
                          waiting_.Commit(commit.xid));
  if (const std::vector<uint32_t> parts = committed->Subtransactions(); !parts.empty()) {
    GODWIT_ASSIGN_OR_RETURN(
        const std::vector<uint32_t> undone,
        asking_.With([&](Connection& connection) { return FindRolledBack(connection, parts); }));
    for (const uint32_t xid : undone) committed->UndoUntold(xid);
    if (!undone.empty()) {
      spdlog::info(
          "source: it did not say that {} parts of transaction {} were rolled back; their "
          "changes are left out",
          undone.size(), commit.xid);
    }
  }
  replayed_ = std::move(committed);
  replay_end_ = {
      .commit = commit.commit, .end = commit.end, .commit_time_us = commit.commit_time_us};
  tables_.BeginReplay();
  base::Failpoint("postgres.before_replay");
  return Begin(
      {.commit = commit.commit, .commit_time_us = commit.commit_time_us, .xid = commit.xid}, batch);
}

base::Status SlotStream::Replay(model::ChangeBatch& batch) {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<WaitingMessage> message,
                          replayed_->Next(kMostPassed));
  if (message) {
    batch.log_bytes += message->bytes.size();
    tables_.SetArrival(message->arrival);
    if (message->undone) return TakeUndone(*message, batch);
    std::string_view bytes = message->bytes;
    if (message->memory == nullptr) {
      bytes = batch.arena.Copy(bytes);
    } else {
      Keep(message->memory, bytes.size(), batch);
    }
    return TakeLogData({.start = message->at, .end = message->at, .data = bytes}, batch);
  }
  if (!replayed_->at_end()) {
    batch.log_bytes += kMostPassed;
    return base::OkStatus();
  }
  base::Failpoint("postgres.before_replay_end");
  replayed_.reset();
  tables_.EndReplay();
  return EndTransaction(replay_end_, batch);
}

// A description of a relation in a part that was rolled back. The server relies on it, unless the
// part had changed the definition: then it describes the relation anew before it does.
base::Status SlotStream::TakeUndone(const WaitingMessage& message, model::ChangeBatch& batch) {
  GODWIT_ASSIGN_OR_RETURN(const wire::postgres::PgOutputMessage decoded,
                          replay_decoder_.Decode(batch.arena.Copy(message.bytes), rows_));
  const auto& relation = std::get<wire::postgres::Relation>(decoded);
  FollowedRelation& described = tables_.Describe(relation);
  if (described.table == nullptr)
    return captured_ != nullptr ? base::OkStatus() : TakeUnknown(relation, batch);
  if (Compare(described.table->definition, relation).none())
    tables_.Map(relation, described, {}).IgnoreError();
  return base::OkStatus();
}

}  // namespace godwit::connectors::postgres
