#include "connectors/mysql/copy/chunk_reader.h"

#include <mysqld_error.h>

#include <limits>

#include "base/text.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/connection/result_reader.h"
#include "connectors/mysql/copy/row_blocks.h"
#include "connectors/mysql/literal.h"
#include "wire/mysql/packet.h"

namespace godwit::connectors::mysql {
namespace {

using connector::ChunkEnd;
using connector::ChunkOutcome;

// Of a chunk, however large they are: one is read while the one before it is written.
constexpr uint64_t kLeastRows = 4;

// The conditions under which a table's rows are read, one after the other. Versions of rows that
// held for no time come first: nobody can insert those, so that the writer does otherwise with them
// (see chunk_writer.cc). Such a table is read in one piece.
std::vector<std::string> Passes(const model::Table& table) {
  if (!table.system_versioned) return {""};
  auto name = [&](model::RowPeriod period) {
    return QuoteName(table.columns[static_cast<size_t>(table.FindPeriod(period))].name);
  };
  const std::string start = name(model::RowPeriod::kStart), end = name(model::RowPeriod::kEnd);
  return {start + " >= " + end, start + " < " + end};
}

bool IsSameDefinition(const std::string& a, const std::string& b) {
  return WithoutAutoIncrement(a) == WithoutAutoIncrement(b);
}

bool MeansTableChanged(unsigned error) {
  return error == ER_TABLE_DEF_CHANGED || error == ER_BAD_FIELD_ERROR ||
         error == ER_KEY_DOES_NOT_EXISTS;
}
bool MeansTableGone(unsigned error) {
  return error == ER_NO_SUCH_TABLE || error == ER_BAD_DB_ERROR;
}

}  // namespace

base::StatusOr<uint64_t> MysqlChunkReader::RowLimit(Connection& connection,
                                                    const model::TableName& name,
                                                    uint64_t byte_limit) {
  uint64_t& row_bytes = row_bytes_[name];
  if (row_bytes == 0) {
    auto rows =
        connection.Query(fmt::format("SELECT avg_row_length FROM information_schema.tables WHERE "
                                     "table_schema = {} AND table_name = {}",
                                     QuoteText(name.schema), QuoteText(name.table)));
    if (!rows.ok()) return rows.status();
    const std::optional<uint64_t> average =
        rows->empty() ? std::nullopt : base::ParseInteger<uint64_t>((*rows)[0][0].value_or(""));
    row_bytes = std::max<uint64_t>(average.value_or(0), 16);
  }
  return std::max<uint64_t>(byte_limit / row_bytes, kLeastRows);
}

template <typename Blocks>
base::Status MysqlChunkReader::ReadRows(Connection& connection, const std::string& query,
                                        const SelectList& list, Blocks blocks, ChunkEnd& end) {
  ResultReader result(&connection);
  base::Status opened = result.Open(query);
  query_error_ = result.server_error();
  GODWIT_RETURN_IF_ERROR(opened);
  std::vector<std::string_view> values(result.columns());
  RowValues optional_values(result.columns());
  const auto note_cursor = [&] {
    if (end.rows > 0 && list.has_key()) end.cursor = list.KeyOf(values);
  };
  while (true) {
    // What the last row's values point into stays as it is only while no more has to be received.
    const bool values_stay = result.row_stays();
    if (!values_stay) note_cursor();
    GODWIT_ASSIGN_OR_RETURN(const bool is_large, result.LargeIsNext());
    if (is_large) GODWIT_RETURN_IF_ERROR(blocks.MakeRoom());
    auto row = result.Next();
    query_error_ = result.server_error();
    if (!row.ok()) return row.status();
    if (!*row) {
      if (values_stay) note_cursor();
      break;
    }
    base::ByteReader reader(**row);
    for (size_t i = 0; i < values.size(); ++i) {
      std::optional<std::string_view> value = wire::mysql::ReadLengthEncodedString(reader);
      optional_values[i] = value;
      values[i] = value.value_or(std::string_view());
      if (i < list.fields().size()) blocks.Add(i, value);
    }
    if (reader.failed())
      return base::DataLoss("source: a malformed row in the result of: {}", query);
    ++end.rows;
    GODWIT_RETURN_IF_ERROR(base::Annotate(blocks.EndRow(optional_values), "source"));
  }
  GODWIT_RETURN_IF_ERROR(blocks.Flush());
  end.bytes += blocks.bytes();
  return base::OkStatus();
}

base::StatusOr<ChunkEnd> MysqlChunkReader::ReadConnected(Connection& connection,
                                                         const connector::TableDefinition& table,
                                                         const connector::KeyRange& range,
                                                         std::optional<uint64_t> byte_limit,
                                                         connector::RowBlockSink& sink) {
  const SelectList list(
      *table.table,
      ForPostgres() ? SelectList::Columns::kForPostgres : SelectList::Columns::kWritten,
      ForPostgres() ? SelectList::Detail::kText
                    : SelectList::DetailBetween(connection.flavour(), target_));
  std::optional<CopyFields> fields;
  if (ForPostgres()) {
    GODWIT_ASSIGN_OR_RETURN(CopyFields made, CopyFields::Make(*table.table, list, *rules_));
    fields.emplace(std::move(made));
  }
  const model::TableName& name = table.table->name;
  ChunkEnd end;
  const bool in_chunks = list.has_key() && byte_limit.has_value();
  auto token = Snapshot(connection, name, !in_chunks);
  if (absl::IsNotFound(token.status())) {
    end.outcome = ChunkOutcome::kTableGone;
    return end;
  }
  if (!token.ok()) return token.status();
  end.low = std::move(token->low);
  end.high = std::move(token->high);
  end.locked = token->locked;

  std::string range_condition, order;
  uint64_t row_limit = std::numeric_limits<uint64_t>::max();
  if (list.has_key()) {
    range_condition = list.Where(range);
    order = " ORDER BY " + list.order_by();
  }
  if (in_chunks) {
    GODWIT_ASSIGN_OR_RETURN(row_limit, RowLimit(connection, name, *byte_limit));
    order += fmt::format(" LIMIT {}", row_limit);
  }
  query_error_ = 0;
  base::Status read;
  for (const std::string& pass : Passes(*table.table)) {
    std::string where = range_condition;
    if (!pass.empty()) where += (where.empty() ? " WHERE " : " AND ") + pass;
    const std::string query =
        fmt::format("SELECT {} FROM {}{}{}", list.text(), FromClause(*table.table), where, order);
    if (fields) {
      read = ReadRows(connection, query, list, CopyTextBlocks(*fields, sink), end);
    } else {
      read = ReadRows(connection, query, list, LoadTextBlocks(*table.table, list, sink), end);
    }
    if (!read.ok()) break;
  }
  bool changed = MeansTableChanged(query_error_);
  if (!changed && query_error_ != 0 && list.has_json_types()) {
    // A column that is no JSON any more refuses what is asked of one with errors of many kinds.
    auto now = ReadDefinition(connection, name);
    changed = now.ok() && !IsSameDefinition(*now, table.statement);
  }
  if (MeansTableGone(query_error_) || changed) {
    end.outcome =
        MeansTableGone(query_error_) ? ChunkOutcome::kTableGone : ChunkOutcome::kTableChanged;
    GODWIT_RETURN_IF_ERROR(EndSnapshot(connection, "ROLLBACK"));
    return end;
  }
  GODWIT_RETURN_IF_ERROR(read);
  // The transaction holds the table's metadata lock by now: this is the definition that the rows
  // were read with.
  GODWIT_ASSIGN_OR_RETURN(const std::string now, ReadDefinition(connection, name));
  GODWIT_RETURN_IF_ERROR(EndSnapshot(connection, "COMMIT"));
  if (!IsSameDefinition(now, table.statement)) {
    end.outcome = ChunkOutcome::kTableChanged;
    return end;
  }
  end.outcome = end.rows < row_limit ? ChunkOutcome::kRangeDone : ChunkOutcome::kMore;
  if (end.rows > 0) row_bytes_[name] = std::max<uint64_t>(end.bytes / end.rows, 1);
  return end;
}

base::StatusOr<SnapshotToken> MysqlChunkReader::Snapshot(Connection& connection,
                                                         const model::TableName& table,
                                                         bool exactly) {
  if (!held_) {
    return exactly ? snapshots_.OpenExactly(connection, {table})
                   : snapshots_.Open(connection, table);
  }
  if (held_->connection == connection.thread_id()) {
    SnapshotToken token = held_->token;
    held_->token.locked = {};  // told once
    return token;
  }
  return base::Unavailable("source: the connection was lost with the snapshot that it had open");
}

base::Status MysqlChunkReader::EndSnapshot(Connection& connection, std::string_view how) {
  return held_ ? base::OkStatus() : connection.Execute(how).status();
}

base::Status MysqlChunkReader::HoldSnapshot(const std::vector<model::TableName>& tables) {
  return connection_.With([&](Connection& connection) -> base::Status {
    GODWIT_ASSIGN_OR_RETURN(SnapshotToken token, snapshots_.OpenExactly(connection, tables));
    held_ = Held{connection.thread_id(), std::move(token)};
    return base::OkStatus();
  });
}

base::Status MysqlChunkReader::ReleaseSnapshot() {
  held_.reset();
  return connection_.With(
      [](Connection& connection) { return connection.Execute("COMMIT").status(); });
}

base::StatusOr<ChunkEnd> MysqlChunkReader::Read(const connector::TableDefinition& table,
                                                const connector::KeyRange& range,
                                                std::optional<uint64_t> byte_limit,
                                                connector::RowBlockSink& sink) {
  return connection_.With([&](Connection& connection) {
    return ReadConnected(connection, table, range, byte_limit, sink);
  });
}

}  // namespace godwit::connectors::mysql
