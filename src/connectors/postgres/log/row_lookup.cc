#include "connectors/postgres/log/row_lookup.h"

#include "connectors/postgres/copy/chunk_snapshot.h"
#include "connectors/postgres/row_key.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::Cell;
using model::CellKind;

}  // namespace

base::Status RowLookup::Complete(FollowedTable& table, model::ChangeEvent& event,
                                 model::ChangeBatch& batch) {
  std::vector<size_t> missing;
  std::string list;
  for (size_t c = 0; c < event.after.size(); ++c) {
    const model::Column& column = table.table->columns[c];
    if (event.after[c].kind() != CellKind::kAbsent || column.generated) continue;
    missing.push_back(c);
    list += (list.empty() ? "" : ", ") + QuoteName(column.name);
  }
  std::vector<std::string_view> key;
  for (int c : table.identity) key.push_back(event.after[static_cast<size_t>(c)].view());
  GODWIT_ASSIGN_OR_RETURN(const std::string literal, KeyLiteral(*table.table, EncodeKey(key)));
  return connection_.With([&](Connection& connection) -> base::Status {
    GODWIT_ASSIGN_OR_RETURN(
        const std::vector<ResultRow> rows,
        connection.Query(
            fmt::format("SELECT {} FROM {} WHERE ({}) = {}", list,
                        FromTable(table.definition.name, !table.definition.partition_key.empty()),
                        KeyColumns(*table.table), literal)));
    // After the row: what is seen had been written to the log by then.
    GODWIT_ASSIGN_OR_RETURN(const wire::postgres::Lsn now, ReadLogEnd(connection));
    table.upto = LogPosition{now, std::nullopt};
    batch.ahead_until[table.definition.name] = table.upto->ToPosition();
    event.partial = false;
    if (rows.empty()) {
      event.kind = model::ChangeKind::kDelete;
      event.after = {};
      return base::OkStatus();
    }
    const std::span<Cell> whole(new (batch.arena.Allocate(event.after.size() * sizeof(Cell)))
                                    Cell[event.after.size()],
                                event.after.size());
    std::copy(event.after.begin(), event.after.end(), whole.begin());
    for (size_t i = 0; i < missing.size(); ++i) {
      const std::optional<std::string>& value = rows.front()[i];
      whole[missing[i]] = value ? Cell::Text(batch.arena.Copy(*value)) : Cell::Null();
    }
    event.after = whole;
    return base::OkStatus();
  });
}

}  // namespace godwit::connectors::postgres
