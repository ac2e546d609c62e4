#include "connectors/postgres/apply/refused_value.h"

#include <span>
#include <vector>

#include "connectors/postgres/apply/row_statements.h"
#include "connectors/postgres/row_columns.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::Row;

constexpr std::string_view kDataException = "22";  // SQLSTATE

std::vector<Row> RowsOf(const connector::TableChanges& changes) {
  std::vector<Row> rows(changes.deletes);
  rows.insert(rows.end(), changes.inserts.begin(), changes.inserts.end());
  for (const auto* updates :
       {&changes.updates, &changes.partial_updates, &changes.claims, &changes.ordered}) {
    for (const auto& update : *updates) {
      for (const Row row : {update.after, update.before}) {
        if (!row.empty()) rows.push_back(row);
      }
    }
  }
  return rows;
}

// Whether the type takes the values of all rows; an error: the server does not answer.
base::StatusOr<bool> Takes(Connection& connection, const model::Table& table, int column,
                           std::span<const Row> rows) {
  std::string values;
  for (const Row row : rows) {
    const model::Cell& cell = row[static_cast<size_t>(column)];
    if (cell.is_null() || cell.kind() == model::CellKind::kAbsent) continue;
    std::string text;
    AppendText(text, cell);
    values += fmt::format("{}({})", values.empty() ? "" : ", ", QuoteText(text));
  }
  if (values.empty()) return true;
  const base::Status read =
      connection
          .Query(fmt::format("SELECT pg_catalog.count(v::{}) FROM (VALUES {}) AS v (v)",
                             CastType(table.columns[static_cast<size_t>(column)].type_text),
                             values))
          .status();
  if (!read.ok() && !RefusedValue(connection)) return read;
  return read.ok();
}

}  // namespace

bool RefusedValue(const Connection& connection) {
  return connection.last_state().starts_with(kDataException);
}

base::Status NameRefusedValue(Connection& connection, const connector::TableChanges& changes,
                              absl::FunctionRef<std::string(Row)> name_of,
                              const base::Status& refused) {
  if (!connection.Execute("ROLLBACK").ok()) return refused;
  const std::vector<Row> all = RowsOf(changes);
  for (const int column : WrittenColumns(*changes.table)) {
    const base::StatusOr<bool> taken = Takes(connection, *changes.table, column, all);
    if (!taken.ok()) return refused;
    if (*taken) continue;
    std::span<const Row> rows = all;
    while (rows.size() > 1) {
      const std::span<const Row> half = rows.first(rows.size() / 2);
      const base::StatusOr<bool> half_taken = Takes(connection, *changes.table, column, half);
      if (!half_taken.ok()) return refused;
      rows = *half_taken ? rows.subspan(half.size()) : half;
    }
    const std::string name = name_of(rows.front());
    return base::MakeStatus(
        refused.code(),
        "table {}, column {}{}{}: its type on the target does not take the value: {}",
        changes.table->name.ToString(), changes.table->columns[static_cast<size_t>(column)].name,
        name.empty() ? "" : ", row ", name, refused.message());
  }
  return refused;
}

}  // namespace godwit::connectors::postgres
