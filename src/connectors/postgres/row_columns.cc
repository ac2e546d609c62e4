#include "connectors/postgres/row_columns.h"

#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {

std::vector<int> WrittenColumns(const model::Table& table) {
  std::vector<int> columns;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const model::Column& column = table.columns[i];
    if (!column.generated && !column.left_out) columns.push_back(static_cast<int>(i));
  }
  return columns;
}

std::string ColumnNames(const model::Table& table, const std::vector<int>& columns) {
  std::string names;
  for (const int c : columns) {
    if (!names.empty()) names += ", ";
    names += QuoteName(table.columns[static_cast<size_t>(c)].name);
  }
  return names;
}

}  // namespace godwit::connectors::postgres
