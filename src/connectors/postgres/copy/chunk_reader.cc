#include "connectors/postgres/copy/chunk_reader.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/copy/binary_types.h"
#include "connectors/postgres/copy/chunk_snapshot.h"
#include "connectors/postgres/row_columns.h"
#include "connectors/postgres/row_key.h"
#include "connectors/postgres/sql_text.h"
#include "wire/postgres/copy_binary.h"

namespace godwit::connectors::postgres {
namespace {

using connector::ChunkEnd;
using connector::ChunkOutcome;

constexpr size_t kBlockBytes = 512 * 1024;
constexpr uint64_t kFirstGuess = 200;  // bytes a row, of a table of which nothing was read
constexpr uint64_t kLargeRow = 16 * 1024 * 1024;  // as of RowBlockSink

std::string ColumnList(const model::Table& table) {
  std::string list;
  for (int c : WrittenColumns(table)) {
    if (!list.empty()) list += ", ";
    list += QuoteName(table.columns[static_cast<size_t>(c)].name);
  }
  return list;
}

base::Status GivenUp() { return base::Cancelled("source: reading was given up"); }

// In SQL, without a look at the value itself. Of most types the server tells only what it takes
// compressed.
std::string ValueSize(std::string_view type_oid, std::string_view value, bool binary) {
  constexpr std::string_view kBytea = "17";
  constexpr std::array<std::string_view, 3> kTexts = {"25", "1042", "1043"};
  if (type_oid == kBytea)
    return fmt::format("octet_length({})::bigint * {}", value, binary ? 1 : 2);
  if (std::ranges::find(kTexts, type_oid) != kTexts.end())
    return fmt::format("octet_length({})::bigint", value);
  return fmt::format("pg_column_size({})::bigint * 4", value);
}

// What a row `r` of the table takes, about, in SQL. Empty: no row has a value that is stored apart
// (of a table in parts it is not asked).
base::StatusOr<std::string> RowSize(Connection& connection, const model::Table& table,
                                    bool binary) {
  const std::string name = QuoteName(table.name);
  const Parameter parameter = name;
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> columns,
      connection.QueryPrepared(
          "SELECT attname, atttypid FROM pg_attribute WHERE attrelid = $1::text::regclass AND "
          "attnum > 0 AND attstorage IN ('x', 'e') AND EXISTS (SELECT FROM pg_class WHERE oid = "
          "$1::text::regclass AND (relkind = 'p' OR pg_relation_size(reltoastrelid) > 0))",
          {&parameter, 1}));
  const std::vector<int> written = WrittenColumns(table);
  std::string size;
  for (const ResultRow& column : columns) {
    if (std::ranges::find(written, table.FindColumn(*column[0])) == written.end()) continue;
    size += fmt::format("{}coalesce({}, 0)", size.empty() ? "" : " + ",
                        ValueSize(*column[1], "r." + QuoteName(*column[0]), binary));
  }
  return size;
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
  base::StatusOr<ChunkEnd> end = connection_.With([&](Connection& connection) {
    return ReadConnected(connection, table, range, byte_limit, sink);
  });
  // libpq never gives back the room that it has made for a row.
  if (!held_ && std::exchange(keeps_large_, false)) connection_.Close();
  return end;
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
  const std::string rows =
      fmt::format("SELECT {} FROM {}{}{}", ColumnList(*table.table), from, condition, in_order);
  GODWIT_ASSIGN_OR_RETURN(const uint64_t largest,
                          LargestRow(connection, table.table, rows, binary));
  if (largest >= kLargeRow) {
    if (!sink.AwaitTurn()) return GivenUp();
    keeps_large_ = true;
  }
  GODWIT_ASSIGN_OR_RETURN(const std::string last,
                          CopyRows(connection, rows, binary, key, most, sink, end));
  if (key) upto = last;
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

// libpq has all of a row before it gives any of it, and COPY says how large one is only as it
// comes.
base::StatusOr<uint64_t> CopyChunkReader::LargestRow(Connection& connection,
                                                     const model::TablePtr& table,
                                                     const std::string& rows, bool binary) {
  RowSizeOf& known = row_size_[table->name];
  if (known.table != table || known.sql.empty()) {
    GODWIT_ASSIGN_OR_RETURN(known.sql, RowSize(connection, *table, binary));
    known.table = table;
  }
  if (known.sql.empty()) return 0;
  GODWIT_ASSIGN_OR_RETURN(
      const std::string largest,
      connection.QueryValue(fmt::format("SELECT max({}) FROM ({}) AS r", known.sql, rows)));
  return base::ParseInteger<uint64_t>(largest).value_or(0);
}

base::StatusOr<std::string> CopyChunkReader::CopyRows(Connection& connection,
                                                      const std::string& rows, bool binary,
                                                      const std::optional<CopiedKey>& key,
                                                      uint64_t most, connector::RowBlockSink& sink,
                                                      ChunkEnd& end) {
  GODWIT_RETURN_IF_ERROR(connection.StartCopyOut(
      fmt::format("COPY ({}) TO STDOUT{}", rows, binary ? " (FORMAT binary)" : "")));
  const bool in_pieces = format_ == connector::RowFormat::kPostgresCopyBinary;
  connector::RowBlock block;
  std::string last;
  // A large row that has to be whole is not to meet the next one on its way.
  const auto pass = [&] {
    const bool is_large = block.bytes.size() >= kLargeRow;
    end.rows += block.rows;
    end.bytes += block.bytes.size();
    return sink.Put(std::exchange(block, {})) && (!is_large || sink.AwaitWritten());
  };
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(CopyData message, connection.NextCopied());
    if (!message) break;
    std::string_view rest = message.view();
    const bool is_row = !binary || wire::postgres::HasBinaryRow(rest);
    if (is_row && key && end.rows + block.rows + 1 == most) {
      GODWIT_ASSIGN_OR_RETURN(last, key->Read(rest));
    }
    const size_t size = rest.size();
    const bool is_large = size >= kLargeRow;
    keeps_large_ = keeps_large_ || is_large;
    if (is_large && !block.bytes.empty() && !pass()) return GivenUp();
    if (block.bytes.empty())
      block.bytes.reserve(kBlockBytes + (in_pieces ? std::min(size, kBlockBytes) : size));
    while ((in_pieces || is_large) && rest.size() > kBlockBytes) {
      block.bytes += rest.substr(0, kBlockBytes);
      rest.remove_prefix(kBlockBytes);
      if (is_large) message.GiveBack(size - rest.size());
      if (in_pieces && !pass()) return GivenUp();
    }
    block.bytes += rest;
    message = {};
    if (is_row) ++block.rows;
    if (block.bytes.size() >= kBlockBytes && !pass()) return GivenUp();
  }
  if (!block.bytes.empty() && !pass()) return GivenUp();
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
  const base::Status released = connection_.With(
      [](Connection& connection) { return connection.Execute("ROLLBACK").status(); });
  if (std::exchange(keeps_large_, false)) connection_.Close();
  return released;
}

}  // namespace godwit::connectors::postgres
