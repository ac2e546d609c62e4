#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connector/source.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/server.h"
#include "connectors/mysql/ddl/ddl_follower.h"
#include "connectors/mysql/log/log_dialect.h"
#include "connectors/mysql/log/log_position.h"
#include "connectors/mysql/log/log_reader.h"
#include "connectors/mysql/log/other_readers.h"
#include "connectors/mysql/log/row_events.h"
#include "connectors/mysql/log/xa_follower.h"
#include "connectors/mysql/relay/relay.h"
#include "wire/mysql/control_events.h"
#include "wire/mysql/event.h"
#include "wire/mysql/transaction_payload.h"
#include "wire/mysql/xa.h"

namespace godwit::connectors::mysql {

// A server's binlog as changes. It asks for the log as a replica does, and reads it in large
// pieces; or reads it from a relay's files, as far as they go, and the rest from the server.
//
// Order of events: a GTID event opens a group (log_dialect.h); the group is one statement, or table
// maps and rows ended by an XID or a COMMIT; statements that define tables may stand first in a
// group of the second kind (CREATE ... SELECT). The changes of an XA transaction are delivered
// where it is committed (xa_follower.h).
class BinlogStream : public connector::ChangeStream {
 public:
  // `server_id` is the replica's; the server ends an older connection that has the same one. Next
  // gives kAborted when the stream is the first to need statements. `relay` may have none.
  // `others`: of all streams of the task.
  static base::StatusOr<std::unique_ptr<BinlogStream>> Open(const Server& server,
                                                            const connector::StreamStart& start,
                                                            uint32_t server_id,
                                                            RowEvents::NeedsStatements statements,
                                                            const RelayUse& relay,
                                                            std::shared_ptr<OtherReaders> others);

  base::StatusOr<std::unique_ptr<model::ChangeBatch>> Next(std::chrono::milliseconds wait) override;
  bool large_is_next() const override { return large_is_next_; }
  void Applied(const model::Position& position) override { relay_.Need(position); }
  void Cancel() override {
    cancelled_.request_stop();
    connection_->Cancel();
    xa_.Cancel();
  }

 private:
  BinlogStream(Server server, std::unique_ptr<Connection> connection,
               const connector::StreamStart& start, uint32_t server_id,
               RowEvents::NeedsStatements statements, RelayUse relay,
               std::shared_ptr<OtherReaders> others)
      : server_id_(server_id),
        other_readers_(std::move(others)),
        connection_(std::move(connection)),
        relay_(std::move(relay)),
        reader_(PacketChannel(connection_.get()), "source: reading the binlog"),
        log_(connection_->is_mysql() ? MakeMysqlLog() : MakeMariadbLog()),
        follower_(connection_->flavour(), WrittenFor(start.target_dialect, connection_->flavour()),
                  start.filter, AskServer(server)),
        rows_(connection_->flavour(), start.filter, follower_, start.target_dialect,
              std::move(statements)),
        xa_(std::move(server), server_id, follower_) {}

  base::Status RequestLog(const connector::StreamStart& start);
  // Whether the log is had from the relay, from its beginning on.
  base::StatusOr<bool> BeginWithRelay(const LogPosition& after);
  // Leaves the server where the relay goes on from the same place.
  base::Status TurnToRelay();
  base::Status ReadRelay(const RelayFiles::Place& start);
  base::Status HandleNext(model::ChangeBatch& batch);
  base::Status HandleEvent(const wire::mysql::Event& event, model::ChangeBatch& batch);
  // The events inside, as far as the batch has room for them.
  base::Status HandlePayload(model::ChangeBatch& batch);
  base::Status HandleInGroup(const wire::mysql::Event& event, model::ChangeBatch& batch);
  // What became of a group of an XA transaction.
  base::Status Follow(XaFollower::Step step, const wire::mysql::Event& event,
                      model::ChangeBatch& batch);
  // The changes of an XA transaction that is committed here, as far as the batch has room for them.
  base::Status HandleReplay(model::ChangeBatch& batch);
  base::Status HandleQuery(const wire::mysql::Event& event, model::ChangeBatch& batch);
  base::Status HandleRows(const wire::mysql::Event& event, model::ChangeBatch& batch);
  void Begin(const wire::mysql::Event& event, model::ChangeBatch& batch);
  int64_t CommitTime(const wire::mysql::Event& event) const;
  void Commit(int64_t commit_time_us, model::ChangeBatch& batch);
  void TellPlace(model::ChangeBatch& batch);
  // Follows from here on the tables whose copy ends at or before the place reached.
  base::Status TrackTablesReached();
  model::Position Here() const;
  // Adds "at file:offset" to an error.
  base::Status At(const base::Status& status) const;

  const uint32_t server_id_;
  const std::shared_ptr<OtherReaders> other_readers_;
  std::unique_ptr<Connection> connection_;
  const RelayUse relay_;
  std::stop_source cancelled_;               // of what waits for the relay
  std::shared_ptr<RelayFiles> relay_files_;  // null: the server alone is read
  bool from_relay_ = false;
  LogReader reader_;
  std::unique_ptr<LogDialect> log_;
  DdlFollower follower_;
  RowEvents rows_;
  XaFollower xa_;
  // The next first, of those from a place in a file and of those from a set of transactions: a set
  // may be neither before nor after a place.
  std::array<std::deque<connector::TrackedTable>, 2> not_reached_;

  model::Position catalog_read_;  // empty: reached
  model::Position told_;          // the last that a commit, DDL or heartbeat delivered
  bool told_has_file_ = true;     // it is no set of transactions alone
  bool at_log_end_ = false;       // the server has said since that it has no more to send
  std::optional<wire::mysql::TransactionPayload> payload_;  // what is left of it comes next
  ReceiveBlock payload_block_;                              // that it is in
  uint64_t group_offset_ = 0;                               // where the group in hand begins
  model::Position group_start_;
  bool large_is_next_ = false;
  bool in_transaction_ = false;  // a begin was delivered and no commit yet
};

}  // namespace godwit::connectors::mysql
