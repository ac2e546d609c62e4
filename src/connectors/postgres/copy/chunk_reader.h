#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "connector/chunk.h"
#include "connectors/postgres/connection/lazy_connection.h"
#include "connectors/postgres/connection/server.h"
#include "connectors/postgres/definition/definition.h"
#include "connectors/postgres/position.h"
#include "connectors/postgres/schema/copied_key.h"

namespace godwit::connectors::postgres {

// Reads chunks as kPostgresCopyText or kPostgresCopyBinary: what COPY TO gives, untouched.
class CopyChunkReader : public connector::ChunkReader {
 public:
  CopyChunkReader(Server server, connector::RowFormat format)
      : connection_(std::move(server), "source"), format_(format) {}

  base::StatusOr<connector::ChunkEnd> Read(const connector::TableDefinition& table,
                                           const connector::KeyRange& range,
                                           std::optional<uint64_t> byte_limit,
                                           connector::RowBlockSink& sink) override;
  base::Status HoldSnapshot(const std::vector<model::TableName>& tables) override;
  base::Status ReleaseSnapshot() override;
  void Cancel() override { connection_.Cancel(); }

 private:
  struct Held {
    int backend = 0;  // whose it is: another one has another snapshot
    LogPosition token;
  };

  base::StatusOr<connector::ChunkEnd> ReadConnected(Connection& connection,
                                                    const connector::TableDefinition& table,
                                                    const connector::KeyRange& range,
                                                    std::optional<uint64_t> byte_limit,
                                                    connector::RowBlockSink& sink);
  base::StatusOr<connector::ChunkEnd> ReadInSnapshot(Connection& connection,
                                                     const connector::TableDefinition& table,
                                                     const connector::KeyRange& range,
                                                     std::optional<uint64_t> byte_limit,
                                                     connector::RowBlockSink& sink);
  uint64_t RowsOf(const model::TableName& name, uint64_t byte_limit) const;
  // Whether the table's rows lie in the order of their key, nearly: then they are read in that
  // order until there are enough. Else the server had better read a range in an order of its own.
  base::StatusOr<bool> IsInOrder(Connection& connection, const model::Table& table);
  // The key that the chunk ends with; empty: it ends where the range does.
  base::StatusOr<std::string> EndOfChunk(Connection& connection, const model::Table& table,
                                         const std::string& from, const connector::KeyRange& range,
                                         uint64_t rows_wanted);
  // What the largest of these rows takes as COPY writes it, about; 0: no row is large.
  base::StatusOr<uint64_t> LargestRow(Connection& connection, const model::TablePtr& table,
                                      const std::string& rows, bool binary);
  // `rows`: a query. With `key` it gives `most` rows at most; gives the key of the last of as many.
  base::StatusOr<std::string> CopyRows(Connection& connection, const std::string& rows, bool binary,
                                       const std::optional<CopiedKey>& key, uint64_t most,
                                       connector::RowBlockSink& sink, connector::ChunkEnd& end);

  LazyConnection connection_;
  const connector::RowFormat format_;
  std::optional<Held> held_;
  std::map<model::TableName, uint64_t> row_bytes_;  // of what was read so far, on average
  std::map<model::TableName, bool> in_order_;
  struct RowSizeOf {
    model::TablePtr table;  // as it was then
    std::string sql;        // empty: no row could be large
  };
  std::map<model::TableName, RowSizeOf> row_size_;
  bool keeps_large_ = false;  // the connection has the memory of a large row
};

}  // namespace godwit::connectors::postgres
