#pragma once

#include <memory>

#include "connector/destination.h"
#include "connector/value_rules.h"
#include "connectors/postgres/apply/cascade.h"
#include "connectors/postgres/apply/segment_writer.h"
#include "connectors/postgres/apply/target_types.h"
#include "connectors/postgres/apply/write_session.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/from_mysql/foreign_rows.h"
#include "connectors/postgres/state/state_store.h"

namespace godwit::connectors::postgres {

// Writes changes as bulk statements in transactions that also move the checkpoint. Triggers, rules
// and foreign keys are held back (session_replication_role = replica): what they do on the source
// is in its log, or done by `cascades_`. Rows of tables of another family are converted on the way.
class PostgresApplier : public connector::ChangeApplier {
 public:
  // `store` is borrowed. `rules`: for values that this server cannot hold. kFailedPrecondition: the
  // user may not hold triggers back, and the message says how it may.
  static base::StatusOr<std::unique_ptr<PostgresApplier>> Open(
      const config::Endpoint& endpoint, const StateStore* store,
      std::shared_ptr<connector::ValueRules> rules, Holding holding);

  base::StatusOr<connector::ApplyResult> Apply(const connector::ChangeSegment& segment,
                                               connector::ApplyMode mode) override;
  base::Status CommitPart(const connector::OpenGroup& group, int part) override;
  base::Status Commit(const model::Position& position, int64_t commit_time_us) override;
  void Rollback() override;
  void Cancel() override { connection_->Cancel(); }

 private:
  PostgresApplier(std::unique_ptr<Connection> connection, TargetTypes types,
                  const StateStore* store, std::shared_ptr<connector::ValueRules> rules)
      : connection_(std::move(connection)),
        types_(std::move(types)),
        store_(store),
        foreign_(std::move(rules)),
        cascades_(*connection_, types_, foreign_) {}

  base::Status Begin();
  base::Status Write(const connector::ChangeSegment& segment, SegmentWriter& writer);
  base::Status CommitTransaction();
  // The transaction is void where others were in its way.
  base::Status RolledBackIfAborted(base::Status status);

  std::unique_ptr<Connection> connection_;
  const TargetTypes types_;  // as they were when it was opened
  const StateStore* store_;
  ForeignChanges foreign_;
  CascadeApplier cascades_;
  bool in_transaction_ = false;
};

}  // namespace godwit::connectors::postgres
