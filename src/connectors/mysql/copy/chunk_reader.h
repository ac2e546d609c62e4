#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "connector/chunk.h"
#include "connector/value_rules.h"
#include "connectors/mysql/connection/lazy_connection.h"
#include "connectors/mysql/connection/server.h"
#include "connectors/mysql/copy/select_list.h"
#include "connectors/mysql/copy/snapshot.h"

namespace godwit::connectors::mysql {

// Reads chunks as kMysqlLoadText, where the row's text goes from the server's packets into the
// block with the escaping that it needs and nothing else, or as kPostgresCopyText.
class MysqlChunkReader : public connector::ChunkReader {
 public:
  // `by_gtids`, `turns`: see SnapshotOpener. `target`: which kind of server takes kMysqlLoadText.
  // `rules`: for values that a target of another kind cannot hold.
  MysqlChunkReader(Server server, bool by_gtids, std::shared_ptr<LockTurns> turns,
                   connector::RowFormat format, sql::Flavour target,
                   std::shared_ptr<connector::ValueRules> rules)
      : connection_(server, "source"),
        snapshots_(std::move(server), by_gtids, std::move(turns)),
        format_(format),
        target_(target),
        rules_(std::move(rules)) {}

  base::StatusOr<connector::ChunkEnd> Read(const connector::TableDefinition& table,
                                           const connector::KeyRange& range,
                                           std::optional<uint64_t> byte_limit,
                                           connector::RowBlockSink& sink) override;
  base::Status HoldSnapshot(const std::vector<model::TableName>& tables) override;
  base::Status ReleaseSnapshot() override;
  void Cancel() override {
    connection_.Cancel();
    snapshots_.Cancel();
  }

 private:
  // How many rows of the table make `byte_limit` bytes, from what was read of it so far.
  base::StatusOr<uint64_t> RowLimit(Connection& connection, const model::TableName& name,
                                    uint64_t byte_limit);
  bool ForPostgres() const { return format_ == connector::RowFormat::kPostgresCopyText; }
  // `Blocks`: of row_blocks.h.
  template <typename Blocks>
  base::Status ReadRows(Connection& connection, const std::string& query, const SelectList& list,
                        Blocks blocks, connector::ChunkEnd& end);
  base::StatusOr<connector::ChunkEnd> ReadConnected(Connection& connection,
                                                    const connector::TableDefinition& table,
                                                    const connector::KeyRange& range,
                                                    std::optional<uint64_t> byte_limit,
                                                    connector::RowBlockSink& sink);

  struct Held {
    uint64_t connection = 0;  // the server's number of it: another one has another snapshot
    SnapshotToken token;
  };
  base::StatusOr<SnapshotToken> Snapshot(Connection& connection, const model::TableName& table,
                                         bool exactly);
  base::Status EndSnapshot(Connection& connection, std::string_view how);

  LazyConnection connection_;
  SnapshotOpener snapshots_;
  const connector::RowFormat format_;
  const sql::Flavour target_;
  const std::shared_ptr<connector::ValueRules> rules_;
  std::optional<Held> held_;
  unsigned query_error_ = 0;  // the server's, of the last SELECT
  std::map<model::TableName, uint64_t> row_bytes_;
};

}  // namespace godwit::connectors::mysql
