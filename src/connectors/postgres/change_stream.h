#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "config/endpoint.h"
#include "connector/source.h"
#include "connectors/postgres/connection.h"
#include "connectors/postgres/followed_tables.h"
#include "connectors/postgres/row_lookup.h"
#include "wire/postgres/pgoutput.h"
#include "wire/postgres/replication_message.h"

namespace godwit::connectors::postgres {

// The changes of the published tables, read from a replication slot by logical decoding. The server
// gives whole transactions in the order of their commits.
//
// What was applied is told to the server, which then keeps the log only from there on: at most once
// a second, and when it asks.
class SlotStream : public connector::ChangeStream {
 public:
  // `hold`: the name of slot and publication.
  static base::StatusOr<std::unique_ptr<SlotStream>> Open(const config::Endpoint& endpoint,
                                                          const connector::StreamStart& start,
                                                          const std::string& hold);

  base::StatusOr<std::unique_ptr<model::ChangeBatch>> Next(std::chrono::milliseconds wait) override;
  void Applied(const model::Position& position) override;
  void Cancel() override {
    connection_->Cancel();
    lookup_.Cancel();
  }

 private:
  using Clock = std::chrono::steady_clock;

  SlotStream(const config::Endpoint& endpoint, std::unique_ptr<Connection> connection,
             FollowedTables tables, wire::postgres::Lsn after)
      : lookup_(endpoint),
        connection_(std::move(connection)),
        tables_(std::move(tables)),
        received_(after),
        told_(after),
        applied_(after) {}

  base::Status Take(std::string_view message, model::ChangeBatch& batch);
  base::Status TakeLogData(const wire::postgres::LogData& data, model::ChangeBatch& batch);
  base::Status TakeRow(model::ChangeKind kind, uint32_t relation, wire::postgres::OldTuple old,
                       model::ChangeBatch& batch);
  base::Status TakeTruncate(const wire::postgres::Truncate& truncate, model::ChangeBatch& batch);
  // That nothing came up to where the server is, now and then.
  void TellHeartbeat(model::ChangeBatch& batch);
  base::Status Report(bool now);

  RowLookup lookup_;
  std::unique_ptr<Connection> connection_;
  FollowedTables tables_;
  wire::postgres::PgOutputDecoder decoder_;
  wire::postgres::RowTuples rows_;
  wire::postgres::Begin begin_;  // of the transaction that is being read
  bool in_transaction_ = false;
  wire::postgres::Lsn received_;  // all before it has come
  wire::postgres::Lsn told_;      // the position of the last event
  wire::postgres::Lsn reported_ = 0;
  std::atomic<wire::postgres::Lsn> applied_;
  Clock::time_point told_at_, reported_at_;
};

}  // namespace godwit::connectors::postgres
