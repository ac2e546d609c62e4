#include "connectors/postgres/apply/change_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/postgres/row_columns.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

std::string UpdateText(const model::Table& table, const Assignments& set, std::string_view from,
                       std::string_view where) {
  std::string sql = fmt::format("UPDATE {} AS t SET ", QuoteName(table.name));
  for (size_t i = 0; i < set.size(); ++i) {
    const auto& [column, value] = set[i];
    sql += fmt::format("{}{} = {}", i == 0 ? "" : ", ",
                       QuoteName(table.columns[static_cast<size_t>(column)].name), value);
  }
  if (!from.empty()) sql += fmt::format(" FROM {}", from);
  return sql + fmt::format(" WHERE {}", where);
}

std::string MoveText(const model::Table& table, const Assignments& set, std::string_view from,
                     std::string_view where) {
  const std::vector<int> written = WrittenColumns(table);
  std::string values, names;
  for (size_t i = 0; i < written.size(); ++i) {
    const auto assigned =
        std::ranges::find(set, written[i], [](const auto& assignment) { return assignment.first; });
    const std::string value =
        assigned != set.end()
            ? assigned->second
            : "t." + QuoteName(table.columns[static_cast<size_t>(written[i])].name);
    values += fmt::format("{}{} AS o{}", i == 0 ? "" : ", ", value, i);
    names += fmt::format("{}o{}", i == 0 ? "" : ", ", i);
  }
  return fmt::format(
      "WITH o AS (DELETE FROM {0} AS t{1}{2} WHERE {3} RETURNING {4}) INSERT INTO {0} ({5}) "
      "OVERRIDING SYSTEM VALUE SELECT {6} FROM o",
      QuoteName(table.name), from.empty() ? "" : " USING ", from, where, values,
      ColumnNames(table, written), names);
}

}  // namespace

bool MayRefuseUpdates(const model::Column& column) { return column.auto_increment; }

std::string ChangeText(const model::Table& table, const Assignments& set, std::string_view from,
                       std::string_view where) {
  // Columns that only the target has would be lost.
  const bool moves =
      !table.target_has_more && std::ranges::any_of(set, [&](const auto& assignment) {
        return MayRefuseUpdates(table.columns[static_cast<size_t>(assignment.first)]);
      });
  return moves ? MoveText(table, set, from, where) : UpdateText(table, set, from, where);
}

}  // namespace godwit::connectors::postgres
