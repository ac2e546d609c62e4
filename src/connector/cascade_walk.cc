#include "connector/cascade_walk.h"

#include <algorithm>
#include <utility>

namespace godwit::connector {
namespace {

using model::ReferenceAction;

constexpr size_t kMostParents = 500;  // at once

std::set<size_t> ReferredColumns(const ForeignKeyGraph& graph, const model::Table& table) {
  std::set<size_t> referred;
  const auto followers = graph.children.find(table.name);
  if (followers == graph.children.end()) return referred;
  for (const ForeignKeyGraph::Edge& edge : followers->second) {
    for (const size_t c : ColumnIndexes(table, edge.key.parent_columns)) referred.insert(c);
  }
  return referred;
}

class Walk {
 public:
  // All is borrowed. `origin`: whose rows are changed by the log, and how.
  Walk(const ForeignKeyGraph& graph, CascadeWriter& writer, const model::Table& origin,
       const std::vector<KeyChange>& changes)
      : graph_(graph), writer_(writer), origin_(origin), origin_changes_(changes) {}

  base::Status Run() { return From(origin_, origin_changes_); }

 private:
  struct Columns {  // of a key, in its order
    std::vector<size_t> parent, child;
  };

  base::Status From(const model::Table& parent, const std::vector<KeyChange>& changes) {
    auto edges = graph_.children.find(parent.name);
    if (edges == graph_.children.end() || changes.empty()) return base::OkStatus();
    for (const ForeignKeyGraph::Edge& edge : edges->second) {
      if (edge.missing) {
        if (ActsOn(parent, edge, changes)) return Untraceable(parent, edge);
        continue;
      }
      const Columns columns{ColumnIndexes(parent, edge.key.parent_columns),
                            ColumnIndexes(*edge.child, edge.key.columns)};
      GODWIT_RETURN_IF_ERROR(Follow(parent, edge, columns, changes));
    }
    return base::OkStatus();
  }

  static bool ActsOn(const model::Table& parent, const ForeignKeyGraph::Edge& edge,
                     const std::vector<KeyChange>& changes) {
    const std::vector<size_t> columns = ColumnIndexes(parent, edge.key.parent_columns);
    return std::ranges::any_of(changes, [&](const KeyChange& change) {
      const ReferenceAction action = change.after ? edge.key.on_update : edge.key.on_delete;
      if (!Acts(action)) return false;
      return !change.after || std::ranges::any_of(columns, [&](size_t c) {
        return change.before[c] != (*change.after)[c];
      });
    });
  }

  base::Status Untraceable(const model::Table& parent, const ForeignKeyGraph::Edge& edge) const {
    const auto& followers = graph_.children.at(edge.child->name);
    return base::FailedPrecondition(
        "table {}: rows of it were deleted or got other keys on the source, rows of {} follow "
        "these, and rows of {} follow those: which they are is not known, as the target has no "
        "table {}, after a DDL that was not executed there (`godwit ddl` lists those). Leave {} "
        "out with `tables.exclude`, or copy anew with `godwit run --restart`",
        parent.name.ToString(), edge.child->name.ToString(),
        followers.front().child->name.ToString(), edge.child->name.ToString(),
        followers.front().child->name.ToString());
  }

  static base::Status Unknown(const model::Table& parent, const ForeignKeyGraph::Edge& edge,
                              const model::Table& lacking, size_t column) {
    return base::FailedPrecondition(
        "table {}: rows of it were deleted or got other keys on the source, and rows of {} follow "
        "these: which they are is not known, as the target's table {} lacks column {}, after a DDL "
        "that was not executed there (`godwit ddl` lists those). Leave {} out with "
        "`tables.exclude`, or copy anew with `godwit run --restart`",
        parent.name.ToString(), edge.child->name.ToString(), lacking.name.ToString(),
        lacking.columns[column].name, edge.child->name.ToString());
  }

  // Deleted parents in a row go together, changed ones one after the other, as each may take the
  // place of the last.
  base::Status Follow(const model::Table& parent, const ForeignKeyGraph::Edge& edge,
                      const Columns& columns, const std::vector<KeyChange>& changes) {
    std::vector<KeyChange> deleted;
    const auto delete_children = [&]() -> base::Status {
      if (deleted.empty()) return base::OkStatus();
      return Write(parent, edge, columns, std::exchange(deleted, {}));
    };
    for (const KeyChange& change : changes) {
      if (IsLeftOut(edge, columns, change.after.has_value())) continue;
      bool null = false, moved = !change.after;
      const size_t* unknown = nullptr;  // a column of the parent's
      for (const size_t& column : columns.parent) {
        const KeyValue& value = change.before[column];
        null = null || value.kind == KeyValue::Kind::kNull;
        if (value.kind == KeyValue::Kind::kUnknown) unknown = &column;
        moved = moved || (*change.after)[column] != value;
      }
      if (null || !moved) continue;  // nothing refers to NULL
      if (unknown != nullptr) return Unknown(parent, edge, parent, *unknown);
      for (const size_t column : columns.child) {
        if (edge.child->columns[column].left_out) return Unknown(parent, edge, *edge.child, column);
      }
      if (!change.after) {
        deleted.push_back(change);
        if (deleted.size() >= kMostParents) GODWIT_RETURN_IF_ERROR(delete_children());
      } else {
        GODWIT_RETURN_IF_ERROR(delete_children());
        GODWIT_RETURN_IF_ERROR(Write(parent, edge, columns, {&change, 1}));
      }
    }
    return delete_children();
  }

  // Whether the key does nothing, or no more than to give values to columns that the target has not
  // and that no rows follow by.
  bool IsLeftOut(const ForeignKeyGraph::Edge& edge, const Columns& columns, bool updated) const {
    const model::Table& child = *edge.child;
    const ReferenceAction action = updated ? edge.key.on_update : edge.key.on_delete;
    if (!Acts(action)) return true;
    if (!updated && action == ReferenceAction::kCascade) return false;
    if (!std::ranges::all_of(columns.child, [&](size_t c) { return child.columns[c].left_out; }))
      return false;
    const auto followers = graph_.children.find(child.name);
    return followers == graph_.children.end() ||
           std::ranges::none_of(followers->second, [&](const ForeignKeyGraph::Edge& follower) {
             const std::vector<size_t> referred = ColumnIndexes(child, follower.key.parent_columns);
             return Acts(follower.key.on_update) && std::ranges::any_of(referred, [&](size_t c) {
                      return std::ranges::find(columns.child, c) != columns.child.end();
                    });
           });
  }

  // Changes the children of `parents`, and theirs.
  base::Status Write(const model::Table& parent, const ForeignKeyGraph::Edge& edge,
                     const Columns& columns, std::span<const KeyChange> parents) {
    const KeyChange& first = parents.front();
    CascadeStep step{.parent = parent,
                     .edge = edge,
                     .columns = {},
                     .action = first.after ? edge.key.on_update : edge.key.on_delete,
                     .deleted = !first.after,
                     .parents = parents,
                     .read = AskedOf(*edge.child)};
    for (size_t i = 0; i < columns.parent.size(); ++i) {
      const size_t c = columns.parent[i];
      const bool changed = !first.after || first.before[c] != (*first.after)[c];
      step.columns.push_back({c, columns.child[i], changed});
    }
    if (step.deletes()) step.spared = Spared(*edge.child);
    // Changed before their own children are: a row that a circle of references leads back to has
    // gone by then.
    GODWIT_ASSIGN_OR_RETURN(const std::vector<KeyChange> changes, writer_.Write(step));
    return From(*edge.child, changes);
  }

  // All that is asked of a row; nothing where no rows follow it.
  std::optional<std::set<size_t>> AskedOf(const model::Table& table) const {
    if (!graph_.children.contains(table.name)) return std::nullopt;
    std::set<size_t> asked = ReferredColumns(graph_, table);
    std::erase_if(asked, [&](size_t c) { return table.columns[c].left_out; });
    return asked;
  }

  std::vector<KeyValues> Spared(const model::Table& child) const {
    std::vector<KeyValues> spared;
    const std::vector<int> identity = child.RowIdentity();
    if (child.name != origin_.name || identity.empty()) return spared;
    for (const KeyChange& change : origin_changes_) {
      const bool known = std::ranges::all_of(identity, [&](int column) {
        const auto c = static_cast<size_t>(column);
        return !child.columns[c].left_out && change.before[c].kind == KeyValue::Kind::kText;
      });
      if (!change.after && known) spared.push_back(change.before);
    }
    return spared;
  }

  const ForeignKeyGraph& graph_;
  CascadeWriter& writer_;
  const model::Table& origin_;
  const std::vector<KeyChange>& origin_changes_;
};

}  // namespace

bool CascadeStep::Sets(const Pair& column) const {
  return action != ReferenceAction::kCascade || column.changed;
}

KeyValue CascadeStep::NewValue(const Pair& column) const {
  switch (action) {
    case ReferenceAction::kCascade:
      return (*parents.front().after)[column.parent];
    case ReferenceAction::kSetDefault:
      return {KeyValue::Kind::kDefault, {}};
    default:
      return KeyValue::Null();
  }
}

base::StatusOr<std::vector<KeyChange>> KeyChangesOf(
    const Cascade& cascade, const ForeignKeyGraph& graph,
    absl::FunctionRef<base::Status(std::string& text, const model::Cell& cell, size_t column)>
        append) {
  const std::set<size_t> needed = NeededColumns(graph, *cascade.parent);
  const auto values_of = [&](model::Row row) -> base::StatusOr<KeyValues> {
    KeyValues values(cascade.parent->columns.size());
    for (const size_t c : needed) {
      KeyValue& value = values[c] = KeyValue::Null();
      if (row[c].is_null() || row[c].kind() == model::CellKind::kAbsent) continue;
      value.kind = KeyValue::Kind::kText;
      GODWIT_RETURN_IF_ERROR(append(value.text, row[c], c));
    }
    return values;
  };
  std::vector<KeyChange> changes;
  changes.reserve(cascade.rows.size());
  for (const auto& row : cascade.rows) {
    KeyChange& change = changes.emplace_back();
    GODWIT_ASSIGN_OR_RETURN(change.before, values_of(row.before));
    if (row.after.empty()) continue;
    GODWIT_ASSIGN_OR_RETURN(change.after.emplace(), values_of(row.after));
  }
  return changes;
}

base::Status WalkCascade(const model::Table& parent, const std::vector<KeyChange>& changes,
                         const ForeignKeyGraph& graph, CascadeWriter& writer) {
  return Walk(graph, writer, parent, changes).Run();
}

std::vector<size_t> ColumnIndexes(const model::Table& table,
                                  const std::vector<std::string>& names) {
  std::vector<size_t> indexes;
  indexes.reserve(names.size());
  for (const std::string& name : names)
    indexes.push_back(static_cast<size_t>(std::max(table.FindColumn(name), 0)));
  return indexes;
}

std::set<size_t> NeededColumns(const ForeignKeyGraph& graph, const model::Table& table) {
  std::set<size_t> needed = ReferredColumns(graph, table);
  for (const int c : table.RowIdentity()) needed.insert(static_cast<size_t>(c));
  return needed;
}

}  // namespace godwit::connector
