#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "config/endpoint.h"
#include "connector/chunk.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/select_list.h"

namespace godwit::connectors::mysql {

// Reads chunks as kMysqlLoadText: the row's text goes from the server's packets into the block with
// the escaping that it needs and nothing else.
class LoadTextChunkReader : public connector::ChunkReader {
 public:
  explicit LoadTextChunkReader(config::Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

  base::StatusOr<connector::ChunkEnd> Read(const connector::TableDefinition& table, const connector::KeyRange& range,
                                           uint64_t byte_limit, connector::RowBlockSink& sink) override;
  void Cancel() override;

 private:
  // How many rows of the table make `byte_limit` bytes, from what was read of it so far.
  base::StatusOr<uint64_t> RowLimit(const model::TableName& name, uint64_t byte_limit);
  base::Status ReadRows(const std::string& query, const SelectList& list, connector::RowBlockSink& sink, connector::ChunkEnd& end);
  base::StatusOr<connector::ChunkEnd> ReadConnected(const connector::TableDefinition& table,
                                                    const connector::KeyRange& range, uint64_t byte_limit,
                                                    connector::RowBlockSink& sink);

  config::Endpoint endpoint_;
  std::mutex mutex_;  // guards the replacing of connection_ against Cancel
  std::unique_ptr<Connection> connection_;
  std::atomic<bool> cancelled_{false};
  unsigned query_error_ = 0;  // the server's, of the last SELECT
  std::map<model::TableName, uint64_t> row_bytes_;
};

}  // namespace godwit::connectors::mysql
