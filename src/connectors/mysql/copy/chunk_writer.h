#pragma once

#include <memory>
#include <mutex>

#include "connector/chunk.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/packet_channel.h"
#include "connectors/mysql/from_postgres/postgres_changes.h"
#include "connectors/mysql/state/state_store.h"

namespace godwit::connectors::mysql {

// Writes chunks given as kMysqlLoadText, in one transaction each, by LOAD DATA LOCAL fed from
// memory, or by multi-row INSERTs where the server does not allow it; and those of tables of
// PostgreSQL, given as kPostgresCopyText. Opens its connection when first used.
class LoadTextChunkWriter : public connector::ChunkWriter {
 public:
  // `store` is borrowed: it knows the task and the epoch, and writes the record. `rules`: for
  // values of PostgreSQL that this server cannot hold.
  LoadTextChunkWriter(config::Endpoint endpoint, const StateStore* store,
                      std::shared_ptr<connector::ValueRules> rules, bool local_infile)
      : endpoint_(std::move(endpoint)),
        store_(store),
        postgres_(std::move(rules)),
        local_infile_(local_infile) {}

  base::Status Write(const model::TablePtr& table, connector::ChunkPlace place,
                     connector::RowBlockSource& blocks) override;
  base::Status Commit(const connector::ChunkRecord& record) override;
  void Rollback() override;
  void Cancel() override;

 private:
  base::Status Connect();
  base::Status Load(const model::Table& table, connector::RowBlockSource& blocks);
  base::Status Insert(const model::Table& table, connector::RowBlockSource& blocks);
  base::Status WriteBlocks(const model::Table& table, connector::RowBlockSource& blocks);
  base::Status InsertTuples(const model::Table& table,
                            const std::vector<connector::RowTuple>& tuples);
  // Rows of a system-versioned table whose versions ended when they began, or before.
  base::Status WriteEnded(const model::Table& table, const connector::RowBlock& block);
  // Compares what the server says it did with what was asked of it (R7).
  base::Status CheckWritten(const model::Table& table, uint64_t rows, uint64_t affected,
                            unsigned warnings, uint64_t expected_warnings);
  void Disconnect();

  config::Endpoint endpoint_;
  const StateStore* store_;
  PostgresTables postgres_;
  bool local_infile_;
  uint64_t longest_value_ = 0;  // that the server takes apart from its statement
  std::mutex mutex_;            // guards the replacing of connection_ against Cancel
  std::unique_ptr<Connection> connection_;
  bool cancelled_ = false;
};

}  // namespace godwit::connectors::mysql
