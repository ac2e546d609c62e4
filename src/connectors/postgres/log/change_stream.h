#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connector/source.h"
#include "connectors/postgres/capture/captured_ddl.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/connection/lazy_connection.h"
#include "connectors/postgres/connection/server.h"
#include "connectors/postgres/log/definition_follower.h"
#include "connectors/postgres/log/followed_tables.h"
#include "connectors/postgres/log/row_lookup.h"
#include "connectors/postgres/log/waiting_transactions.h"
#include "wire/postgres/pgoutput.h"
#include "wire/postgres/replication_message.h"

namespace godwit::connectors::postgres {

// Changes of definitions that were met among the rows of a transaction. As they can only be done
// before it, it is then read once more. Shared by the streams of a source, one after the other.
struct EarlyChanges {
  struct Change {
    Definition before;  // of the table; where it is another one, the change has been made
    std::shared_ptr<const model::DdlChange> ddl;
  };
  // Those that no stream will meet any more.
  void ForgetBefore(wire::postgres::Lsn commit) {
    std::lock_guard lock(mutex);
    by_commit.erase(by_commit.begin(), by_commit.lower_bound(commit));
  }

  std::mutex mutex;  // of what follows
  // By the transaction's commit. Several, as those behind the first may be met again with it.
  std::map<wire::postgres::Lsn, std::vector<Change>> by_commit;
};

// The changes of the published tables, read from a replication slot by logical decoding. The server
// gives whole transactions in the order of their commits; large ones, where it can and is asked to,
// in pieces while they are in progress, which wait here for their commit.
//
// A definition that has changed is noticed when the log describes a table anew, and told as the DDL
// that it amounts to.
//
// What was applied is told to the server, which then keeps the log only from there on: at most once
// a second, and when it asks.
class SlotStream : public connector::ChangeStream {
 public:
  // `hold`: the name of slot and publication. `spill_dir`: where large transactions wait for their
  // commit; nothing: on the server. `early` is borrowed. `captured` follows the DDL that event
  // triggers write to the log; null: there are none.
  static base::StatusOr<std::unique_ptr<SlotStream>> Open(
      const Server& server, const connector::StreamStart& start, const std::string& hold,
      const std::optional<std::string>& spill_dir, EarlyChanges& early,
      std::unique_ptr<CapturedDdl> captured);

  base::StatusOr<std::unique_ptr<model::ChangeBatch>> Next(std::chrono::milliseconds wait) override;
  bool large_is_next() const override { return large_is_next_; }
  void Applied(const model::Position& position) override;
  void Cancel() override {
    connection_->Cancel();
    lookup_.Cancel();
    follower_.Cancel();
    if (captured_ != nullptr) captured_->Cancel();
    asking_.Cancel();
  }

 private:
  using Clock = std::chrono::steady_clock;

  SlotStream(const Server& server, const std::string& hold, connector::TableFilter filter,
             std::unique_ptr<Connection> connection, FollowedTables tables,
             wire::postgres::Lsn after, const std::optional<std::string>& spill_dir,
             EarlyChanges& early, std::unique_ptr<CapturedDdl> captured, ComposedDdl left_before)
      : hold_(hold),
        filter_(std::move(filter)),
        lookup_(server),
        follower_(server),
        early_(early),
        captured_(std::move(captured)),
        left_before_(std::move(left_before)),
        connection_(std::move(connection)),
        tables_(std::move(tables)),
        waiting_(spill_dir.value_or("")),
        asking_(server, "source"),
        received_(after),
        told_(after),
        applied_(after) {}

  base::Status Take(CopyData message, model::ChangeBatch& batch);
  // Of a large message, which stays where it is: there may be no memory to have it twice.
  void Keep(std::shared_ptr<const void> memory, size_t size, model::ChangeBatch& batch);
  base::Status TakeLogData(const wire::postgres::LogData& data, model::ChangeBatch& batch);
  base::Status Begin(const wire::postgres::Begin& begin, model::ChangeBatch& batch);
  base::Status EndTransaction(const wire::postgres::Commit& commit, model::ChangeBatch& batch);
  // What event triggers have told of definitions; what is before that place is behind it.
  base::Status TellCaptured(base::StatusOr<ComposedDdl> composed, wire::postgres::Lsn at,
                            model::ChangeBatch& batch);
  base::Status TakeDescribed(const wire::postgres::Relation& relation);
  // Of a transaction that was sent while it was in progress: begins to tell it, and goes on with
  // one change of it, or with its end.
  base::Status BeginReplay(const wire::postgres::StreamCommit& commit, model::ChangeBatch& batch);
  base::Status Replay(model::ChangeBatch& batch);
  base::Status TakeUndone(const WaitingMessage& message, model::ChangeBatch& batch);
  // To be called before the first row of the transaction is told.
  void TellBegin(model::ChangeBatch& batch);
  base::Status TakeRelation(const wire::postgres::Relation& relation, model::ChangeBatch& batch);
  base::Status TakeUnknown(const wire::postgres::Relation& relation, model::ChangeBatch& batch);
  base::Status TakeChange(const wire::postgres::Relation& relation, model::ChangeBatch& batch);
  base::Status ExpectStillPublished();
  // By leaf, and without DDL in the log, a partition that comes is not followed.
  base::Status ExpectNoMoreLeaves();
  // Looks for tables that have gone, or are published no more, now and then, and tells so: what the
  // log still has of them is left out.
  base::Status LookForGone(model::ChangeBatch& batch);
  base::Status TellGone(model::ChangeBatch& batch);
  // Tells a change of definitions, which comes before the transaction that is being read.
  // `table`: that it is of.
  base::Status TellDdl(const FollowedTable& table, std::shared_ptr<const model::DdlChange> ddl,
                       model::ChangeBatch& batch);
  base::Status TakeRow(model::ChangeKind kind, uint32_t relation, wire::postgres::OldTuple old,
                       model::ChangeBatch& batch);
  base::Status TakeTruncate(const wire::postgres::Truncate& truncate, model::ChangeBatch& batch);
  // That nothing came up to where the server is, now and then.
  void TellHeartbeat(model::ChangeBatch& batch);
  base::Status Report(bool now);

  const std::string hold_;  // the slot's and the publication's name
  const connector::TableFilter filter_;
  RowLookup lookup_;
  DefinitionFollower follower_;
  EarlyChanges& early_;
  std::unique_ptr<CapturedDdl> captured_;  // null: the log has no DDL
  ComposedDdl left_before_;                // of transactions before the stream, to be told first
  std::unique_ptr<Connection> connection_;
  FollowedTables tables_;
  wire::postgres::PgOutputDecoder decoder_;
  uint64_t messages_ = 0;  // that have come
  // What a message takes is known once libpq has all of it: but large ones come together.
  bool large_is_next_ = false;
  WaitingTransactions waiting_;
  LazyConnection asking_;  // what was rolled back, and what is published
  // The transaction that is told in place of what comes from the server; null: there is none.
  std::unique_ptr<WaitingTransaction> replayed_;
  wire::postgres::PgOutputDecoder replay_decoder_ = wire::postgres::PgOutputDecoder::WithinBlock();
  wire::postgres::Commit replay_end_;
  wire::postgres::RowTuples rows_;
  wire::postgres::Begin begin_;  // of the transaction that is being read
  bool in_transaction_ = false;
  bool begin_told_ = false;
  wire::postgres::Lsn received_;  // all before it has come
  wire::postgres::Lsn told_;      // the position of the last event
  wire::postgres::Lsn reported_ = 0;
  std::atomic<wire::postgres::Lsn> applied_;
  base::Status ended_;  // how, once what came before is handed on
  Clock::time_point told_at_, reported_at_, looked_at_;
  std::string seen_published_;  // DigestOfPublished when the tables that are followed were there
};

}  // namespace godwit::connectors::postgres
