#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connector/source.h"
#include "connectors/mysql/absent_columns.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/ddl_follower.h"
#include "connectors/mysql/log_dialect.h"
#include "connectors/mysql/log_position.h"
#include "connectors/mysql/packet_channel.h"
#include "connectors/mysql/row_history.h"
#include "connectors/mysql/xa_replay.h"
#include "connectors/mysql/xa_transactions.h"
#include "wire/mysql/control_events.h"
#include "wire/mysql/event.h"
#include "wire/mysql/row_layout.h"
#include "wire/mysql/rows.h"
#include "wire/mysql/table_map.h"
#include "wire/mysql/transaction_payload.h"
#include "wire/mysql/xa.h"

namespace godwit::connectors::mysql {

// A server's binlog as changes. It asks for the log as a replica does, and reads it in large
// pieces.
//
// Order of events: a GTID event opens a group (log_dialect.h); the group is one statement, or table
// maps and rows ended by an XID or a COMMIT; statements that define tables may stand first in a
// group of the second kind (CREATE ... SELECT). An XA transaction has two groups: the first ends
// with its being prepared, the second is the statement that commits it or rolls it back. Its
// changes are delivered with the second.
class BinlogStream : public connector::ChangeStream {
 public:
  // Whether streams of a source ask for statements, which tell what MariaDB's rows mean that lack
  // columns (absent_columns.h). Shared by them: set by the first that meets such rows without,
  // whose Next then gives kAborted.
  using NeedsStatements = std::shared_ptr<std::atomic<bool>>;

  // `server_id` is the replica's; the server ends an older connection that has the same one.
  static base::StatusOr<std::unique_ptr<BinlogStream>> Open(const config::Endpoint& endpoint,
                                                            const connector::StreamStart& start,
                                                            uint32_t server_id,
                                                            NeedsStatements needs_statements);

  base::StatusOr<std::unique_ptr<model::ChangeBatch>> Next(std::chrono::milliseconds wait) override;
  void Cancel() override { connection_->Cancel(); }

 private:
  // A table map and what is made of its rows.
  struct MappedTable {
    std::string body;  // of the table map event: the same again means the same table
    bool wanted = false;
    model::TableName name;
    model::TablePtr table;
    std::optional<wire::mysql::RowLayout> layout;
  };

  BinlogStream(config::Endpoint endpoint, std::unique_ptr<Connection> connection,
               const connector::StreamStart& start, uint32_t server_id,
               NeedsStatements needs_statements)
      : endpoint_(std::move(endpoint)),
        server_id_(server_id),
        connection_(std::move(connection)),
        channel_(connection_.get()),
        log_(connection_->is_mysql() ? MakeMysqlLog() : MakeMariadbLog()),
        filter_(start.filter),
        follower_(
            connection_->flavour(),
            start.target_dialect.empty() ? connection_->flavour() : FlavourOf(start.target_dialect),
            start.filter),
        needs_statements_(std::move(needs_statements)) {}

  base::Status RequestLog(const connector::StreamStart& start);
  base::Status HandlePacket(std::string_view packet, model::ChangeBatch& batch);
  base::Status HandleEvent(const wire::mysql::Event& event, model::ChangeBatch& batch);
  // The events inside, as far as the batch has room for them.
  base::Status HandlePayload(model::ChangeBatch& batch);
  base::Status HandleInGroup(const wire::mysql::Event& event, model::ChangeBatch& batch);
  // Of the first group of an XA transaction.
  base::Status HandleInXa(const wire::mysql::Event& event, model::ChangeBatch& batch);
  base::Status CheckStatementInXa(const wire::mysql::Event& event);
  base::Status HandleXaStatement(const wire::mysql::XaStatement& statement,
                                 const wire::mysql::Event& event, model::ChangeBatch& batch);
  base::Status StartReplay(XaChanges changes, const wire::mysql::Event& event);
  // The changes of an XA transaction that is committed here, as far as the batch has room for them.
  base::Status HandleReplay(model::ChangeBatch& batch);
  base::Status HandleQuery(const wire::mysql::Event& event, model::ChangeBatch& batch);
  base::Status HandleTableMap(const wire::mysql::Event& event);
  base::Status HandleRows(const wire::mysql::Event& event, model::ChangeBatch& batch);
  // What it means that updates of the rows event lack columns.
  base::StatusOr<AbsentMeans> WhatAbsentMeans(const wire::mysql::RowsEvent& rows,
                                              const MappedTable& mapped) const;
  base::Status MapTable(const wire::mysql::TableMap& map, MappedTable& mapped);
  void Begin(const wire::mysql::Event& event, model::ChangeBatch& batch);
  int64_t CommitTime(const wire::mysql::Event& event) const;
  void Commit(int64_t commit_time_us, model::ChangeBatch& batch);
  void TellPlace(model::ChangeBatch& batch);
  // Follows from here on the tables whose copy ends at or before the place reached.
  base::Status TrackTablesReached();
  void Advance(const wire::mysql::EventHeader& header);
  model::Position Here() const;
  // Adds "at file:offset" to an error.
  base::Status At(const base::Status& status) const;

  const config::Endpoint endpoint_;
  const uint32_t server_id_;
  std::unique_ptr<Connection> connection_;
  PacketChannel channel_;
  std::unique_ptr<LogDialect> log_;
  connector::TableFilter filter_;
  DdlFollower follower_;
  std::vector<connector::TrackedTable> not_reached_;

  wire::mysql::EventFramer framer_;
  LogPosition place_;         // just after the last event
  model::Position told_;      // the last that a commit, DDL or heartbeat delivered
  uint64_t event_start_ = 0;  // offset of the event in hand
  std::optional<wire::mysql::TransactionPayload> payload_;  // what is left of it comes next
  ReceiveBlock payload_block_;                              // that it is in
  XaTransactions xa_;
  std::unique_ptr<XaReplay> replay_;  // comes next, before what is left of the payload
  uint64_t group_offset_ = 0;         // where the group in hand begins
  model::Position group_start_;
  bool in_transaction_ = false;  // a begin was delivered and no commit yet
  std::map<uint64_t, MappedTable> mapped_;
  RowHistory history_;
  const NeedsStatements needs_statements_;
  bool has_statements_ = false;
  std::string statement_;  // that rows come from, where the log says so
  std::chrono::steady_clock::time_point last_received_;
};

}  // namespace godwit::connectors::mysql
