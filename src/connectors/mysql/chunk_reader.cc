#include "connectors/mysql/chunk_reader.h"

#include <mysqld_error.h>

#include <limits>

#include "base/text.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/load_text.h"
#include "connectors/mysql/result_reader.h"
#include "connectors/mysql/row_tuple.h"
#include "wire/mysql/packet.h"

namespace godwit::connectors::mysql {
namespace {

using connector::ChunkEnd;
using connector::ChunkOutcome;

constexpr size_t kBlockBytes = 1024 * 1024;

// Puts rows together into blocks of about kBlockBytes and hands them on.
class RowBlockBuilder {
 public:
  RowBlockBuilder(const model::Table& table, const SelectList& list, connector::RowBlockSink& sink)
      : table_(table), list_(list), sink_(sink) {
    Begin();
  }

  void Add(size_t index, std::optional<std::string_view> value) {
    const SelectList::Field& field = list_.fields()[index];
    if (index > 0) block_.bytes.push_back('\t');
    if (!value) {
      block_.bytes.append("\\N");
    } else if (field.escaped) {
      AppendEscapedField(block_.bytes, *value);
      if (field.warns && *value == *field.warns) ++block_.expected_warnings;
    } else {
      block_.bytes.append(*value);
    }
  }
  // kCancelled: the sink wants no more.
  base::Status EndRow(const RowValues& row) {
    if (NeedsTuple(list_, row)) {
      block_.bytes.resize(row_begin_);
      block_.expected_warnings = warnings_before_;
      GODWIT_ASSIGN_OR_RETURN(connector::RowTuple tuple, MakeTuple(table_, list_, row));
      tuple_bytes_ += tuple.sql.size();
      block_.tuples.push_back(std::move(tuple));
    } else {
      block_.bytes.push_back('\n');
      ++block_.rows;
      row_begin_ = block_.bytes.size();
      warnings_before_ = block_.expected_warnings;
    }
    return row_begin_ + tuple_bytes_ < kBlockBytes ? base::OkStatus() : Flush();
  }
  base::Status Flush() {
    if (block_.rows == 0 && block_.tuples.empty()) return base::OkStatus();
    bytes_ += row_begin_ + tuple_bytes_;
    const bool wanted = sink_.Put(std::move(block_));
    Begin();
    return wanted ? base::OkStatus() : base::Cancelled("the chunk is not wanted any more");
  }
  uint64_t bytes() const { return bytes_; }

 private:
  void Begin() {
    block_ = {};
    row_begin_ = tuple_bytes_ = warnings_before_ = 0;
    block_.bytes.reserve(kBlockBytes + kBlockBytes / 8);
  }

  const model::Table& table_;
  const SelectList& list_;
  connector::RowBlockSink& sink_;
  connector::RowBlock block_;
  size_t row_begin_ = 0, tuple_bytes_ = 0;  // of the block
  uint64_t warnings_before_ = 0;            // of its rows before the one in hand
  uint64_t bytes_ = 0;
};

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

base::StatusOr<uint64_t> LoadTextChunkReader::RowLimit(Connection& connection,
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
  return std::max<uint64_t>(byte_limit / row_bytes, 1);
}

base::Status LoadTextChunkReader::ReadRows(Connection& connection, const std::string& query,
                                           const model::Table& table, const SelectList& list,
                                           connector::RowBlockSink& sink, ChunkEnd& end) {
  ResultReader result(&connection);
  base::Status opened = result.Open(query);
  query_error_ = result.server_error();
  GODWIT_RETURN_IF_ERROR(opened);
  RowBlockBuilder builder(table, list, sink);
  std::vector<std::string_view> values(result.columns());
  RowValues optional_values(result.columns());
  const auto note_cursor = [&] {
    if (end.rows > 0 && list.has_key()) end.cursor = list.KeyOf(values);
  };
  while (true) {
    // What the last row's values point into stays as it is only while no more has to be received.
    const bool values_stay = result.row_stays();
    if (!values_stay) note_cursor();
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
      if (i < list.fields().size()) builder.Add(i, value);
    }
    if (reader.failed())
      return base::DataLoss("source: a malformed row in the result of: {}", query);
    ++end.rows;
    GODWIT_RETURN_IF_ERROR(base::Annotate(builder.EndRow(optional_values), "source"));
  }
  GODWIT_RETURN_IF_ERROR(builder.Flush());
  end.bytes += builder.bytes();
  return base::OkStatus();
}

base::StatusOr<ChunkEnd> LoadTextChunkReader::ReadConnected(Connection& connection,
                                                            const connector::TableDefinition& table,
                                                            const connector::KeyRange& range,
                                                            std::optional<uint64_t> byte_limit,
                                                            connector::RowBlockSink& sink) {
  const SelectList list(*table.table, SelectList::Columns::kWritten,
                        SelectList::DetailBetween(connection.flavour(), target_));
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
    read = ReadRows(
        connection,
        fmt::format("SELECT {} FROM {}{}{}", list.text(), FromClause(*table.table), where, order),
        *table.table, list, sink, end);
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

base::StatusOr<SnapshotToken> LoadTextChunkReader::Snapshot(Connection& connection,
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

base::Status LoadTextChunkReader::EndSnapshot(Connection& connection, std::string_view how) {
  return held_ ? base::OkStatus() : connection.Execute(how).status();
}

base::Status LoadTextChunkReader::HoldSnapshot(const std::vector<model::TableName>& tables) {
  return connection_.With([&](Connection& connection) -> base::Status {
    GODWIT_ASSIGN_OR_RETURN(SnapshotToken token, snapshots_.OpenExactly(connection, tables));
    held_ = Held{connection.thread_id(), std::move(token)};
    return base::OkStatus();
  });
}

base::Status LoadTextChunkReader::ReleaseSnapshot() {
  held_.reset();
  return connection_.With(
      [](Connection& connection) { return connection.Execute("COMMIT").status(); });
}

base::StatusOr<ChunkEnd> LoadTextChunkReader::Read(const connector::TableDefinition& table,
                                                   const connector::KeyRange& range,
                                                   std::optional<uint64_t> byte_limit,
                                                   connector::RowBlockSink& sink) {
  return connection_.With([&](Connection& connection) {
    return ReadConnected(connection, table, range, byte_limit, sink);
  });
}

}  // namespace godwit::connectors::mysql
