#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "config/endpoint.h"
#include "connector/chunk.h"
#include "connector/value_rules.h"
#include "connectors/postgres/apply/write_session.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/from_mysql/binary_rows.h"
#include "connectors/postgres/from_mysql/json_zero.h"
#include "connectors/postgres/state/state_store.h"

namespace godwit::connectors::postgres {

// Writes chunks given as kPostgresCopyText or kPostgresCopyBinary, in one transaction each, by COPY
// FROM STDIN; the record of the chunk commits with its rows. Text of another family's goes on in
// binary where it can (binary_rows.h). Triggers and foreign keys are held back (write_session.h).
// The rows of a new table come in frozen where they can: no vacuum has to write their pages again.
// Opens its connection when first used.
class CopyChunkWriter : public connector::ChunkWriter {
 public:
  // `store` is borrowed: it knows the task and the epoch, and writes the record. `rules`: of values
  // that this server cannot hold.
  CopyChunkWriter(config::Endpoint endpoint, const StateStore* store,
                  std::shared_ptr<connector::ValueRules> rules, Holding holding)
      : endpoint_(std::move(endpoint)),
        store_(store),
        rules_(std::move(rules)),
        holding_(holding) {}

  base::Status Write(const model::TablePtr& table, connector::ChunkPlace place,
                     connector::RowBlockSource& blocks) override;
  base::Status Commit(const connector::ChunkRecord& record) override;
  void Rollback() override;
  void Cancel() override;

 private:
  base::Status Connect();
  // Begins a transaction. True: rows of the table are to come in frozen.
  base::StatusOr<bool> Begin(const model::TableName& table, const connector::ChunkPlace& place);
  // Begins one that empties the table, which is empty. False: it cannot, and none is begun.
  base::StatusOr<bool> BeginFrozen(const model::TableName& table);
  // What rows of another family's table take.
  struct ForeignTable {
    CopiedDocuments documents;
    std::optional<BinaryRows> binary;
  };
  // Null where the source is of this family.
  base::StatusOr<std::unique_ptr<ForeignTable>> ForeignOf(const model::TablePtr& table);

  const config::Endpoint endpoint_;
  const StateStore* store_;
  const std::shared_ptr<connector::ValueRules> rules_;
  const Holding holding_;
  std::mutex mutex_;  // guards the replacing of connection_ against Cancel
  std::unique_ptr<Connection> connection_;
  uint64_t least_frozen_ = 0;  // bytes of a table
  bool in_transaction_ = false;
  bool cancelled_ = false;
};

}  // namespace godwit::connectors::postgres
