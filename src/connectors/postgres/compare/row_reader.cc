#include "connectors/postgres/compare/row_reader.h"

#include <limits>

#include "connector/canonical_row.h"
#include "connectors/postgres/compare/canonical_form.h"
#include "connectors/postgres/from_mysql/column_types.h"
#include "connectors/postgres/from_mysql/foreign_source.h"
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

PostgresRowReader::PostgresRowReader(const Server& server, const std::string& side,
                                     std::string_view other)
    : connection_(server, side), foreign_(IsForeign(other)) {}

base::StatusOr<PostgresRowReader::Tables> PostgresRowReader::Find(Connection& connection,
                                                                  const model::Table& table) {
  if (!foreign_) return Tables{table, model::TablePtr(model::TablePtr(), &table)};  // borrowed
  GODWIT_ASSIGN_OR_RETURN(model::TablePtr here, WithTypesHere(connection, table));
  return Tables{table, std::move(here)};
}

std::string PostgresRowReader::KeyHere(const std::string& key) const {
  if (!foreign_ || key.empty()) return key;
  const std::vector<std::string> values = CanonicalKeyValues(key);
  return EncodeKey(std::vector<std::string_view>(values.begin(), values.end()));
}

base::StatusOr<RowsEnd> PostgresRowReader::Visit(Connection& connection, const Tables& tables,
                                                 const std::string& rest, uint64_t row_limit,
                                                 connector::RowVisitor& visitor) {
  const model::Table& table = tables.table;
  GODWIT_ASSIGN_OR_RETURN(const std::string from, From(connection, table.name));
  const std::vector<int> identity = table.RowIdentity();
  GODWIT_RETURN_IF_ERROR(connection.StartCopyOut(
      fmt::format("COPY (SELECT {} FROM {}{}) TO STDOUT", ComparedColumns(table), from, rest)));
  wire::postgres::CopyTextRow row;
  std::optional<CanonicalForm> form;
  if (foreign_) form.emplace(table, *tables.here);
  RowsEnd end;
  std::string bytes, key;
  std::vector<std::string_view> key_values;
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(const CopyData line, connection.NextCopied());
    if (!line) return end;
    std::span<const std::optional<std::string_view>> values = row.Parse(line.view());
    // A row without columns is a line with nothing in it, as is one with an empty text.
    if (table.columns.empty()) values = {};
    if (values.size() != table.columns.size())
      return base::DataLoss("{}: a malformed row of {}", connection.side(), table.name.ToString());
    ++end.rows;
    end.bytes += line.view().size();
    if (foreign_) {
      const connector::ComparedRow compared = form->Row(values);
      visitor.Visit(compared);
      if (end.rows != row_limit) continue;
      end.range_done = false;
      end.cursor = compared.key;
      continue;
    }
    bytes.clear();
    for (const auto& value : values) connector::AppendComparedValue(bytes, value);
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
    GODWIT_ASSIGN_OR_RETURN(const Tables tables, Find(connection, table));
    if (table.RowIdentity().empty()) return Visit(connection, tables, "", kNoLimit, visitor);
    GODWIT_ASSIGN_OR_RETURN(
        std::string rest, RangeCondition(*tables.here, KeyHere(range.after), KeyHere(range.upto)));
    rest += " ORDER BY " + KeyColumns(table);
    if (row_limit != kNoLimit) rest += fmt::format(" LIMIT {}", row_limit);
    return Visit(connection, tables, rest, row_limit, visitor);
  });
}

base::Status PostgresRowReader::ReadKeys(const model::Table& table,
                                         std::span<const std::string> keys,
                                         connector::RowVisitor& visitor) {
  return connection_.With([&](Connection& connection) -> base::Status {
    GODWIT_ASSIGN_OR_RETURN(const Tables tables, Find(connection, table));
    std::string list;
    for (const std::string& key : keys) {
      if (foreign_ && !MayHoldKey(*tables.here, key)) continue;  // no row here has it
      GODWIT_ASSIGN_OR_RETURN(const std::string literal, KeyLiteral(*tables.here, KeyHere(key)));
      list += (list.empty() ? "" : ", ") + literal;
    }
    if (list.empty()) return base::OkStatus();
    return Visit(connection, tables, fmt::format(" WHERE ({}) IN ({})", KeyColumns(table), list),
                 kNoLimit, visitor)
        .status();
  });
}

}  // namespace godwit::connectors::postgres
