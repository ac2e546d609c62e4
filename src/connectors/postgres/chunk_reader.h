#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "config/endpoint.h"
#include "connector/chunk.h"
#include "connectors/postgres/definition.h"
#include "connectors/postgres/lazy_connection.h"
#include "connectors/postgres/position.h"

namespace godwit::connectors::postgres {

// Reads chunks as kPostgresCopyText: what COPY TO gives, untouched.
class CopyChunkReader : public connector::ChunkReader {
 public:
  explicit CopyChunkReader(config::Endpoint endpoint)
      : connection_(std::move(endpoint), "source") {}

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
  // The key that the chunk ends with; empty: it ends where the range does.
  base::StatusOr<std::string> EndOfChunk(Connection& connection, const model::Table& table,
                                         const std::string& from, const connector::KeyRange& range,
                                         uint64_t byte_limit);
  base::Status CopyRows(Connection& connection, const std::string& query,
                        connector::RowBlockSink& sink, connector::ChunkEnd& end);

  LazyConnection connection_;
  std::optional<Held> held_;
  std::map<model::TableName, uint64_t> row_bytes_;  // of what was read so far, on average
};

}  // namespace godwit::connectors::postgres
