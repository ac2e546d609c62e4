#include "connectors/postgres/row_reader.h"

#include <limits>

#include "connectors/postgres/row_key.h"
#include "connectors/postgres/sql_text.h"
#include "wire/postgres/copy_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::RowsEnd;

constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

// What a column that is not compared is read as.
std::string ComparedColumns(const model::Table& table) {
  std::string list;
  for (const model::Column& column : table.columns) {
    if (!list.empty()) list += ", ";
    list += column.left_out ? "NULL" : QuoteName(column.name);
  }
  return list;
}

// As ComparedRow::bytes has it.
void AppendValue(std::string& bytes, const std::optional<std::string_view>& value) {
  constexpr char kNull = '\xfb', kTwoBytes = '\xfc', kThreeBytes = '\xfd', kEightBytes = '\xfe';
  if (!value) {
    bytes += kNull;
    return;
  }
  const uint64_t size = value->size();
  int width = 0;
  if (size < 0xfb) {
    bytes += static_cast<char>(size);
  } else if (size <= 0xffff) {
    bytes += kTwoBytes;
    width = 2;
  } else if (size <= 0xffffff) {
    bytes += kThreeBytes;
    width = 3;
  } else {
    bytes += kEightBytes;
    width = 8;
  }
  for (int i = 0; i < width; ++i) bytes += static_cast<char>(size >> (8 * i));
  bytes += *value;
}

// A partitioned table has no rows but those of its partitions, and an ordinary one that others
// inherit from is read without theirs.
base::StatusOr<std::string> From(Connection& connection, const model::TableName& name) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection.Query(fmt::format("SELECT relkind FROM pg_catalog.pg_class WHERE oid = "
                                   "pg_catalog.to_regclass({})",
                                   QuoteText(QuoteName(name)))));
  if (rows.empty()) return base::NotFound("{}: it does not exist", name.ToString());
  return FromTable(name, rows[0][0] == "p");
}

}  // namespace

base::StatusOr<RowsEnd> PostgresRowReader::Visit(Connection& connection, const model::Table& table,
                                                 const std::string& rest, uint64_t row_limit,
                                                 connector::RowVisitor& visitor) {
  GODWIT_ASSIGN_OR_RETURN(const std::string from, From(connection, table.name));
  const std::vector<int> identity = table.RowIdentity();
  GODWIT_RETURN_IF_ERROR(connection.StartCopyOut(
      fmt::format("COPY (SELECT {} FROM {}{}) TO STDOUT", ComparedColumns(table), from, rest)));
  wire::postgres::CopyTextRow row;
  RowsEnd end;
  std::string bytes, key;
  std::vector<std::string_view> key_values;
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(const CopyData line, connection.NextCopied());
    if (!line) return end;
    const auto& values = row.Parse(line.view());
    if (values.size() != table.columns.size())
      return base::DataLoss("{}: a malformed row of {}", connection.side(), table.name.ToString());
    ++end.rows;
    end.bytes += line.view().size();
    bytes.clear();
    for (const auto& value : values) AppendValue(bytes, value);
    if (!identity.empty()) {
      key_values.clear();
      for (int c : identity) key_values.push_back(values[static_cast<size_t>(c)].value_or(""));
      key = EncodeKey(key_values);
    }
    visitor.Visit({bytes, key, values});
    if (end.rows != row_limit) continue;
    end.range_done = false;
    end.cursor = key;
  }
}

base::StatusOr<RowsEnd> PostgresRowReader::Read(const model::Table& table,
                                                const connector::KeyRange& range,
                                                uint64_t row_limit, connector::RowDetail,
                                                connector::RowVisitor& visitor) {
  return connection_.With([&](Connection& connection) -> base::StatusOr<RowsEnd> {
    if (table.RowIdentity().empty()) return Visit(connection, table, "", kNoLimit, visitor);
    GODWIT_ASSIGN_OR_RETURN(std::string rest, RangeCondition(table, range.after, range.upto));
    rest += " ORDER BY " + KeyColumns(table);
    if (row_limit != kNoLimit) rest += fmt::format(" LIMIT {}", row_limit);
    return Visit(connection, table, rest, row_limit, visitor);
  });
}

base::Status PostgresRowReader::ReadKeys(const model::Table& table,
                                         std::span<const std::string> keys,
                                         connector::RowVisitor& visitor) {
  std::string list;
  for (const std::string& key : keys) {
    GODWIT_ASSIGN_OR_RETURN(const std::string literal, KeyLiteral(table, key));
    list += (list.empty() ? "" : ", ") + literal;
  }
  return connection_.With([&](Connection& connection) {
    return Visit(connection, table, fmt::format(" WHERE ({}) IN ({})", KeyColumns(table), list),
                 kNoLimit, visitor)
        .status();
  });
}

}  // namespace godwit::connectors::postgres
