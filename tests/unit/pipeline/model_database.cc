#include "model_database.h"

#include <algorithm>

namespace godwit::pipeline::testing {
namespace {

using connector::ApplyMode;
using connector::ForeignKeyGraph;
using model::ReferenceAction;

std::vector<int> ColumnsOf(const model::Table& table, const std::vector<std::string>& names) {
  std::vector<int> columns;
  columns.reserve(names.size());
  for (const std::string& name : names) columns.push_back(table.FindColumn(name));
  return columns;
}

bool HasNull(const Values& values) {
  return std::any_of(values.begin(), values.end(), [](const Value& v) { return !v; });
}

// One edge of the graph, for one changed row of the parent.
void CascadeTo(Database& database, const ForeignKeyGraph& graph, const ForeignKeyGraph::Edge& edge,
               const Values& was, const Values& is, bool deleted) {
  const ReferenceAction action = deleted ? edge.key.on_delete : edge.key.on_update;
  if (action != ReferenceAction::kCascade && action != ReferenceAction::kSetNull) return;
  if (HasNull(was) || (!deleted && was == is)) return;
  const model::Table& child = *edge.child;
  const std::vector<int> columns = ColumnsOf(child, edge.key.columns);
  std::vector<Values> reached;
  for (const Values& row : database[child.name]) {
    if (At(row, columns) == was) reached.push_back(row);
  }
  for (const Values& row : reached) {
    Rows& rows = database[child.name];
    auto it = rows.find(row);
    if (it == rows.end()) continue;  // a chain that led back here took it along
    rows.erase(it);
    Values after;
    if (!deleted || action == ReferenceAction::kSetNull) {
      after = row;
      for (size_t i = 0; i < columns.size(); ++i)
        after[static_cast<size_t>(columns[i])] =
            action == ReferenceAction::kSetNull ? Value() : is[i];
      rows.insert(after);
    }
    Cascade(database, graph, child.name, child, row, after);
  }
}

Values WithDefaults(Values row) {
  std::replace(row.begin(), row.end(), kAbsent, kDefault);
  return row;
}

// An update of the columns that `after` has.
base::Status UpdatePart(Rows& rows, const model::Table& table, const Values& before,
                        const Values& after, bool unique_keys, bool must_be_there) {
  const auto it = Find(rows, table.RowIdentity(), before);
  if (it == rows.end()) {
    return must_be_there ? base::FailedPrecondition("{}: a row is not there", table.name.ToString())
                         : base::OkStatus();
  }
  Values row = *it;
  rows.erase(it);
  for (size_t i = 0; i < row.size(); ++i) {
    if (after[i] != kAbsent) row[i] = after[i];
  }
  rows.insert(row);
  if (HasDuplicates(rows, table.RowIdentity()))
    return base::Internal("{}: two rows of one key", table.name.ToString());
  for (const model::Key& key : table.unique_keys) {
    if (unique_keys && HasDuplicates(rows, key.columns))
      return base::FailedPrecondition("{}: a unique value is taken", table.name.ToString());
  }
  return base::OkStatus();
}

base::Status Insert(Rows& rows, const model::Table& table, const Values& row, ApplyMode mode,
                    bool unique_keys) {
  std::vector<std::vector<int>> keys;
  if (!table.primary_key.empty()) keys.push_back(table.primary_key);
  for (const model::Key& key : table.unique_keys) {
    if (unique_keys || key.columns == table.RowIdentity()) keys.push_back(key.columns);
  }
  for (const std::vector<int>& key : keys) {
    if (HasNull(At(row, key))) continue;
    auto other = Find(rows, key, row);
    if (other == rows.end()) continue;
    if (mode == ApplyMode::kStrict)
      return base::FailedPrecondition("{}: a key is there already", table.name.ToString());
    rows.erase(other);
  }
  rows.insert(row);
  return base::OkStatus();
}

}  // namespace

model::Table MakeTable(std::string name, const std::vector<std::string>& columns,
                       std::vector<int> key, const std::vector<std::vector<int>>& unique) {
  model::Table table;
  table.name = {"shop", std::move(name)};
  for (const std::string& column : columns) {
    model::Column& made = table.columns.emplace_back();
    made.name = column;
  }
  for (int c : key) table.columns[static_cast<size_t>(c)].nullable = false;
  table.primary_key = std::move(key);
  for (const std::vector<int>& one : unique) table.unique_keys.push_back({"u", one, false});
  return table;
}

model::ForeignKey MakeKey(std::string column, std::string parent, std::string parent_column,
                          ReferenceAction on_delete, ReferenceAction on_update) {
  model::ForeignKey key;
  key.columns = {std::move(column)};
  key.parent = {"shop", std::move(parent)};
  key.parent_columns = {std::move(parent_column)};
  key.on_delete = on_delete;
  key.on_update = on_update;
  return key;
}

Values ValuesOf(model::Row row) {
  Values values;
  for (const model::Cell& cell : row) {
    if (cell.kind() == model::CellKind::kAbsent)
      values.push_back(kAbsent);
    else
      values.push_back(cell.is_null() ? Value() : std::string(cell.view()));
  }
  return values;
}

model::Row Keep(const Values& values, base::Arena& arena) {
  auto* cells = reinterpret_cast<model::Cell*>(arena.Allocate(values.size() * sizeof(model::Cell)));
  for (size_t i = 0; i < values.size(); ++i) {
    model::Cell cell = model::Cell::Null();
    if (values[i] == kAbsent)
      cell = model::Cell::Absent();
    else if (values[i])
      cell = model::Cell::Text(arena.Copy(*values[i]));
    new (cells + i) model::Cell(cell);
  }
  return {cells, values.size()};
}

Values At(const Values& values, const std::vector<int>& columns) {
  Values some;
  for (int c : columns) some.push_back(values[static_cast<size_t>(c)]);
  return some;
}

void Cascade(Database& database, const ForeignKeyGraph& graph, const model::TableName& parent,
             const model::Table& definition, const Values& before, const Values& after) {
  auto edges = graph.children.find(parent);
  if (edges == graph.children.end()) return;
  for (const ForeignKeyGraph::Edge& edge : edges->second) {
    const std::vector<int> columns = ColumnsOf(definition, edge.key.parent_columns);
    CascadeTo(database, graph, edge, At(before, columns),
              after.empty() ? Values() : At(after, columns), after.empty());
  }
}

Rows::iterator Find(Rows& rows, const std::vector<int>& columns, const Values& like) {
  const Values wanted = At(like, columns);
  return std::find_if(rows.begin(), rows.end(),
                      [&](const Values& row) { return At(row, columns) == wanted; });
}

bool HasDuplicates(const Rows& rows, const std::vector<int>& key) {
  std::set<Values> seen;
  return std::any_of(rows.begin(), rows.end(), [&](const Values& row) {
    return !HasNull(At(row, key)) && !seen.insert(At(row, key)).second;
  });
}

base::StatusOr<connector::ApplyResult> ApplySegment(Database& database,
                                                    const connector::ChangeSegment& segment,
                                                    ApplyMode mode, bool unique_keys) {
  connector::ApplyResult result;
  auto remove = [&](Rows& rows, Rows::iterator it) {
    if (it != rows.end())
      rows.erase(it);
    else if (mode == ApplyMode::kStrict)
      ++result.drifted_rows;
  };
  for (const connector::Cascade& cascade : segment.cascades) {
    for (const auto& [before, after] : cascade.rows)
      Cascade(database, *segment.graph, cascade.parent->name, *cascade.parent, ValuesOf(before),
              ValuesOf(after));
  }
  for (const connector::TableChanges& changes : segment.tables) {
    Rows& rows = database[changes.table->name];
    for (model::Row row : changes.deletes)
      remove(rows, Find(rows, changes.table->RowIdentity(), ValuesOf(row)));
  }
  for (const connector::TableChanges& changes : segment.tables) {
    Rows& rows = database[changes.table->name];
    for (const auto& [before, after] : changes.claims) {
      GODWIT_RETURN_IF_ERROR(UpdatePart(rows, *changes.table, ValuesOf(before), ValuesOf(after),
                                        unique_keys, !changes.unique_keys_wait));
    }
    for (const auto& [before, after] : changes.partial_updates) {
      GODWIT_RETURN_IF_ERROR(UpdatePart(rows, *changes.table, ValuesOf(before), ValuesOf(after),
                                        unique_keys, mode == ApplyMode::kStrict));
    }
    for (const auto& [before, after] : changes.updates) {
      remove(rows, Find(rows, changes.table->RowIdentity(), ValuesOf(before)));
      rows.insert(ValuesOf(after));
    }
    for (model::Row row : changes.inserts)
      GODWIT_RETURN_IF_ERROR(
          Insert(rows, *changes.table, WithDefaults(ValuesOf(row)), mode, unique_keys));
    for (const auto& [before, after] : changes.ordered) {
      if (!before.empty()) remove(rows, rows.find(ValuesOf(before)));
      if (!after.empty()) rows.insert(WithDefaults(ValuesOf(after)));
    }
    ++result.statements;
  }
  return result;
}

std::string ToText(const Database& database) {
  std::string text;
  for (const auto& [name, rows] : database) {
    for (const Values& row : rows) {
      text += name.table + ":";
      for (const Value& value : row) text += " " + value.value_or("NULL");
      text += "\n";
    }
  }
  return text;
}

}  // namespace godwit::pipeline::testing
