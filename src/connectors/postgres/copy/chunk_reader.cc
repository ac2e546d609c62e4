#include "connectors/postgres/copy/chunk_reader.h"

#include <algorithm>

#include "connectors/postgres/catalog.h"
#include "connectors/postgres/copy/binary_types.h"
#include "connectors/postgres/copy/chunk_snapshot.h"
#include "connectors/postgres/row_columns.h"
#include "connectors/postgres/row_key.h"
#include "connectors/postgres/schema/copied_key.h"
#include "connectors/postgres/sql_text.h"
#include "wire/postgres/copy_binary.h"

namespace godwit::connectors::postgres {
namespace {

using connector::ChunkEnd;
using connector::ChunkOutcome;

constexpr size_t kBlockBytes = 512 * 1024;
constexpr uint64_t kFirstGuess = 200;  // bytes a row, of a table of which nothing was read

std::string ColumnList(const model::Table& table) {
  std::string list;
  for (int c : WrittenColumns(table)) {
    if (!list.empty()) list += ", ";
    list += QuoteName(table.columns[static_cast<size_t>(c)].name);
  }
  return list;
}

base::Status LockTable(Connection& connection, const model::TableName& name) {
  return connection.Execute(fmt::format("LOCK TABLE {} IN ACCESS SHARE MODE", QuoteName(name)))
      .status();
}

}  // namespace

base::StatusOr<ChunkEnd> CopyChunkReader::Read(const connector::TableDefinition& table,
                                               const connector::KeyRange& range,
                                               std::optional<uint64_t> byte_limit,
                                               connector::RowBlockSink& sink) {
  return connection_.With([&](Connection& connection) {
    return ReadConnected(connection, table, range, byte_limit, sink);
  });
}

base::StatusOr<ChunkEnd> CopyChunkReader::ReadConnected(Connection& connection,
                                                        const connector::TableDefinition& table,
                                                        const connector::KeyRange& range,
                                                        std::optional<uint64_t> byte_limit,
                                                        connector::RowBlockSink& sink) {
  if (held_ && held_->backend != connection.backend_pid())
    return base::Unavailable("source: the snapshot was lost with its connection");
  if (!held_) GODWIT_RETURN_IF_ERROR(BeginReading(connection));
  GODWIT_ASSIGN_OR_RETURN(ChunkEnd end, ReadInSnapshot(connection, table, range, byte_limit, sink));
  if (!held_) GODWIT_RETURN_IF_ERROR(connection.Execute("ROLLBACK").status());
  return end;
}

// The lock before the snapshot: no statement changes the definition between the two.
base::StatusOr<ChunkEnd> CopyChunkReader::ReadInSnapshot(Connection& connection,
                                                         const connector::TableDefinition& table,
                                                         const connector::KeyRange& range,
                                                         std::optional<uint64_t> byte_limit,
                                                         connector::RowBlockSink& sink) {
  const model::TableName& name = table.table->name;
  ChunkEnd end;
  if (!held_) {
    const base::Status locked = LockTable(connection, name);
    if (absl::IsNotFound(locked)) {
      end.outcome = ChunkOutcome::kTableGone;
      return end;
    }
    GODWIT_RETURN_IF_ERROR(locked);
  }
  LogPosition token;
  if (held_) {
    token = held_->token;
  } else {
    GODWIT_ASSIGN_OR_RETURN(token, TakeSnapshot(connection));
  }
  GODWIT_ASSIGN_OR_RETURN(const std::optional<Definition> now,
                          ReadDefinitionWithin(connection, name));
  if (!now || !IsStill(table.statement, *now)) {
    end.outcome = now ? ChunkOutcome::kTableChanged : ChunkOutcome::kTableGone;
    return end;
  }
  end.low = end.high = token.ToPosition();
  const bool partitioned = !now->partition_key.empty();
  const std::string from = FromTable(name, partitioned);
  const bool binary = format_ == connector::RowFormat::kPostgresCopyBinary &&
                      HasBinaryRows(*now, connection.server_version());
  std::string upto, in_order;
  std::optional<CopiedKey> key;
  uint64_t most = 0;  // where it is in order
  if (byte_limit && !table.table->RowIdentity().empty()) {
    const uint64_t rows = RowsOf(name, *byte_limit);
    if (!partitioned) key = CopiedKey::Find(*now, *table.table, binary);
    if (key) {
      GODWIT_ASSIGN_OR_RETURN(const bool lie_in_order, IsInOrder(connection, *table.table));
      if (!lie_in_order) key.reset();
    }
    if (key) {
      most = rows;
      in_order = fmt::format(" ORDER BY {} LIMIT {}", KeyColumns(*table.table), most);
    } else {
      GODWIT_ASSIGN_OR_RETURN(upto, EndOfChunk(connection, *table.table, from, range, rows));
    }
  }
  GODWIT_ASSIGN_OR_RETURN(
      const std::string condition,
      RangeCondition(*table.table, range.after, upto.empty() ? range.upto : upto));
  GODWIT_ASSIGN_OR_RETURN(const CopyData last,
                          CopyRows(connection,
                                   fmt::format("SELECT {} FROM {}{}{}", ColumnList(*table.table),
                                               from, condition, in_order),
                                   binary, most, sink, end));
  if (last) {
    GODWIT_ASSIGN_OR_RETURN(upto, key->Read(last.view()));
  }
  end.outcome = upto.empty() ? ChunkOutcome::kRangeDone : ChunkOutcome::kMore;
  end.cursor = upto;
  if (end.rows > 0) row_bytes_[name] = std::max<uint64_t>(end.bytes / end.rows, 1);
  return end;
}

// Two at least: the empty text, which would be no cursor, is the first of a table's keys.
uint64_t CopyChunkReader::RowsOf(const model::TableName& name, uint64_t byte_limit) const {
  const auto known = row_bytes_.find(name);
  const uint64_t row_bytes = known == row_bytes_.end() ? kFirstGuess : known->second;
  return std::max<uint64_t>(byte_limit / row_bytes, 2);
}

base::StatusOr<bool> CopyChunkReader::IsInOrder(Connection& connection, const model::Table& table) {
  constexpr double kNearly = 0.9;
  const auto known = in_order_.find(table.name);
  if (known != in_order_.end()) return known->second;
  const std::string& first = table.columns[static_cast<size_t>(table.RowIdentity().front())].name;
  GODWIT_ASSIGN_OR_RETURN(
      const std::string in_order,
      connection.QueryValue(fmt::format(
          "SELECT coalesce((SELECT correlation > {} FROM pg_stats WHERE schemaname = {} AND "
          "tablename = {} AND attname = {} AND NOT inherited), false)",
          kNearly, QuoteText(table.name.schema), QuoteText(table.name.table), QuoteText(first))));
  return in_order_[table.name] = in_order == "t";
}

base::StatusOr<std::string> CopyChunkReader::EndOfChunk(Connection& connection,
                                                        const model::Table& table,
                                                        const std::string& from,
                                                        const connector::KeyRange& range,
                                                        uint64_t rows_wanted) {
  GODWIT_ASSIGN_OR_RETURN(const std::string condition,
                          RangeCondition(table, range.after, range.upto));
  const std::string keys = KeyColumns(table);
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection.Query(fmt::format("SELECT {} FROM {}{} ORDER BY {} OFFSET {} LIMIT 1", keys, from,
                                   condition, keys, rows_wanted)));
  if (rows.empty()) return std::string();
  return EncodeKey(rows.front());
}

base::StatusOr<CopyData> CopyChunkReader::CopyRows(Connection& connection, const std::string& rows,
                                                   bool binary, uint64_t most,
                                                   connector::RowBlockSink& sink, ChunkEnd& end) {
  GODWIT_RETURN_IF_ERROR(connection.StartCopyOut(
      fmt::format("COPY ({}) TO STDOUT{}", rows, binary ? " (FORMAT binary)" : "")));
  connector::RowBlock block;
  CopyData last;
  const auto pass = [&] {
    end.rows += block.rows;
    end.bytes += block.bytes.size();
    return sink.Put(std::exchange(block, {}));
  };
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(CopyData message, connection.NextCopied());
    if (!message) break;
    const std::string_view bytes = message.view();
    if (block.bytes.capacity() == 0) block.bytes.reserve(kBlockBytes + bytes.size());
    block.bytes += bytes;
    if (!binary || wire::postgres::HasBinaryRow(bytes)) {
      ++block.rows;
      if (end.rows + block.rows == most) last = std::move(message);
    }
    if (block.bytes.size() >= kBlockBytes && !pass())
      return base::Cancelled("source: reading was given up");
  }
  if (!block.bytes.empty() && !pass()) return base::Cancelled("source: reading was given up");
  return last;
}

base::Status CopyChunkReader::HoldSnapshot(const std::vector<model::TableName>& tables) {
  return connection_.With([&](Connection& connection) -> base::Status {
    GODWIT_RETURN_IF_ERROR(BeginReading(connection));
    for (const model::TableName& name : tables) GODWIT_RETURN_IF_ERROR(LockTable(connection, name));
    GODWIT_ASSIGN_OR_RETURN(LogPosition token, TakeSnapshot(connection));
    held_ = {connection.backend_pid(), std::move(token)};
    return base::OkStatus();
  });
}

base::Status CopyChunkReader::ReleaseSnapshot() {
  held_.reset();
  return connection_.With(
      [](Connection& connection) { return connection.Execute("ROLLBACK").status(); });
}

}  // namespace godwit::connectors::postgres
