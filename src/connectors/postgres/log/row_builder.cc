#include "connectors/postgres/log/row_builder.h"

#include <algorithm>
#include <new>

namespace godwit::connectors::postgres {
namespace {

using model::Cell;
using model::CellKind;
using model::ChangeKind;
using wire::postgres::OldTuple;
using wire::postgres::Tuple;
using wire::postgres::TupleColumn;
using wire::postgres::TupleValue;

using Cells = std::span<Cell>;

Cells AbsentCells(const FollowedTable& table, base::Arena& arena) {
  const size_t count = table.table->columns.size();
  Cell* cells = new (arena.Allocate(count * sizeof(Cell))) Cell[count];
  return {cells, count};
}

Cell CellOf(const TupleColumn& value) {
  switch (value.kind) {
    case TupleValue::kNull:
      return Cell::Null();
    case TupleValue::kUnchanged:
      return Cell::Absent();
    case TupleValue::kText:
    case TupleValue::kBinary:
      return Cell::Text(value.value);
  }
  return Cell::Absent();
}

base::StatusOr<Cells> WholeRow(const FollowedRelation& relation, const Tuple& tuple,
                               base::Arena& arena) {
  if (tuple.size() != relation.column_of.size()) {
    return base::DataLoss("source: a row of {} has {} columns where the log has described {}",
                          relation.name->ToString(), tuple.size(), relation.column_of.size());
  }
  const Cells cells = AbsentCells(*relation.table, arena);
  for (size_t i = 0; i < tuple.size(); ++i) {
    const int column = relation.column_of[i];
    if (column >= 0) cells[static_cast<size_t>(column)] = CellOf(tuple[i]);
  }
  return cells;
}

void FillEarlier(const FollowedRelation& relation, base::Arena& arena, Cells row) {
  if (row.empty()) return;
  for (const auto& [column, value] : relation.earlier)
    row[static_cast<size_t>(column)] = value ? Cell::Text(arena.Copy(*value)) : Cell::Null();
}

void CopyIdentity(const FollowedTable& table, Cells from, Cells to) {
  for (int c : table.identity) to[static_cast<size_t>(c)] = from[static_cast<size_t>(c)];
}

}  // namespace

base::Status BuildRows(const FollowedRelation& relation, const wire::postgres::RowTuples& rows,
                       OldTuple old, base::Arena& arena, model::ChangeEvent& event) {
  const FollowedTable& table = *relation.table;
  Cells before, after;
  if (event.kind != ChangeKind::kDelete) {
    GODWIT_ASSIGN_OR_RETURN(after, WholeRow(relation, rows.after, arena));
  }
  if (event.kind == ChangeKind::kInsert || old == OldTuple::kWhole)
    FillEarlier(relation, arena, after);
  if (old != OldTuple::kNone) {
    GODWIT_ASSIGN_OR_RETURN(before, WholeRow(relation, rows.before, arena));
    if (old == OldTuple::kWhole) FillEarlier(relation, arena, before);
  }
  if (old == OldTuple::kKey) {
    const Cells key = AbsentCells(table, arena);
    CopyIdentity(table, before, key);
    before = key;
  } else if (event.kind == ChangeKind::kUpdate && old == OldTuple::kNone) {
    before = AbsentCells(table, arena);
    CopyIdentity(table, after, before);
  }
  // A key's value that was not touched is in the old key alone, where that is in the log.
  for (size_t c = 0; c < after.size() && !before.empty(); ++c) {
    if (after[c].kind() == CellKind::kAbsent) after[c] = before[c];
  }
  event.before = before;
  event.after = after;
  event.partial = false;
  for (size_t c = 0; c < after.size() && !event.partial; ++c) {
    event.partial = after[c].kind() == CellKind::kAbsent && !table.table->columns[c].generated;
  }
  const Cells identified = before.empty() ? after : before;
  for (int c : table.identity) {
    if (identified[static_cast<size_t>(c)].kind() != CellKind::kAbsent) continue;
    return base::DataLoss("source: a row of {} in the log lacks column {} of its identity",
                          table.definition.name.ToString(),
                          table.table->columns[static_cast<size_t>(c)].name);
  }
  return base::OkStatus();
}

}  // namespace godwit::connectors::postgres
