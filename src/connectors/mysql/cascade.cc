#include "connectors/mysql/cascade.h"

#include <absl/strings/str_join.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "connectors/mysql/literal.h"
#include "connectors/mysql/row_statements.h"
#include "connectors/mysql/warnings.h"

namespace godwit::connectors::mysql {
namespace {

using connector::ForeignKeyGraph;
using model::ReferenceAction;

constexpr size_t kMostParents = 500;  // in one condition
constexpr std::string_view kNull = "NULL";

// A row's values as SQL comparands, one per column of its table; empty: not known, as the target
// has no such column or no key refers to it.
using Values = std::vector<std::string>;

// What happened to one row of a table.
struct RowChange {
  Values before;
  std::optional<Values> after;  // nothing: deleted
};

Values ValuesOf(sql::Flavour target, const model::Table& table, model::Row row) {
  Values values(table.columns.size());
  for (size_t i = 0; i < values.size(); ++i)
    AppendComparand(values[i], row[i], table.columns[i], target);
  return values;
}

// An expression that gives a column's value as a literal which compares and is stored as the value
// is, whatever the session's charset; nothing of it is NULL where the value is.
std::string AsLiteral(const model::Column& column) {
  using model::TypeKind;
  const std::string name = QuoteName(column.name);
  switch (column.kind) {
    case TypeKind::kText:
      return fmt::format("CONCAT('_{} x''', HEX({}), '''')", column.charset, name);
    case TypeKind::kBinary:
      return fmt::format("CONCAT('x''', HEX({}), '''')", name);
    case TypeKind::kUuid:
    case TypeKind::kInet4:
    case TypeKind::kInet6:
      return fmt::format("CONCAT('_{0} x''', HEX(CONVERT({1} USING {0})), '''')",
                         TextCharset(column.kind), name);
    case TypeKind::kBit:
    case TypeKind::kEnum:
      return fmt::format("CAST({} + 0 AS CHAR)", name);
    case TypeKind::kSet:  // the server compares the mask as a signed number
      return fmt::format("CAST(CAST({} AS SIGNED) AS CHAR)", name);
    default:
      return fmt::format("QUOTE({})", name);
  }
}

std::vector<size_t> Indexes(const model::Table& table, const std::vector<std::string>& names) {
  std::vector<size_t> indexes;
  indexes.reserve(names.size());
  for (const std::string& name : names)
    indexes.push_back(static_cast<size_t>(std::max(table.FindColumn(name), 0)));
  return indexes;
}

class Propagation {
 public:
  Propagation(Connection& connection, const ForeignKeyGraph& graph)
      : connection_(connection), graph_(graph) {}

  base::Status From(const model::Table& parent, const std::vector<RowChange>& changes) {
    auto edges = graph_.children.find(parent.name);
    if (edges == graph_.children.end() || changes.empty()) return base::OkStatus();
    for (const ForeignKeyGraph::Edge& edge : edges->second) {
      if (edge.missing) {
        if (ActsOn(parent, edge, changes)) return Untraceable(parent, edge);
        continue;
      }
      const Step step{edge, Indexes(parent, edge.key.parent_columns),
                      Indexes(*edge.child, edge.key.columns)};
      GODWIT_RETURN_IF_ERROR(Follow(parent, step, changes));
    }
    return base::OkStatus();
  }

 private:
  static bool ActsOn(const model::Table& parent, const ForeignKeyGraph::Edge& edge,
                     const std::vector<RowChange>& changes) {
    const std::vector<size_t> columns = Indexes(parent, edge.key.parent_columns);
    return std::ranges::any_of(changes, [&](const RowChange& change) {
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
        "out "
        "with `tables.exclude`, or copy anew with `godwit run --restart`",
        parent.name.ToString(), edge.child->name.ToString(),
        followers.front().child->name.ToString(), edge.child->name.ToString(),
        followers.front().child->name.ToString());
  }

  base::Status Unknown(const model::Table& parent, const ForeignKeyGraph::Edge& edge,
                       const model::Table& lacking, size_t column) const {
    return base::FailedPrecondition(
        "table {}: rows of it were deleted or got other keys on the source, and rows of {} follow "
        "these: which they are is not known, as the target's table {} lacks column {}, after a DDL "
        "that was not executed there (`godwit ddl` lists those). Leave {} out with "
        "`tables.exclude`, or copy anew with `godwit run --restart`",
        parent.name.ToString(), edge.child->name.ToString(), lacking.name.ToString(),
        lacking.columns[column].name, edge.child->name.ToString());
  }

  // A foreign key with its columns found.
  struct Step {
    const ForeignKeyGraph::Edge& edge;
    std::vector<size_t> parent_columns, child_columns;
  };

  // Deleted parents in a row go together, changed ones one after the other, as each may take the
  // place of the last.
  base::Status Follow(const model::Table& parent, const Step& step,
                      const std::vector<RowChange>& changes) {
    std::vector<std::string> deleted;
    const auto delete_children = [&]() -> base::Status {
      if (deleted.empty()) return base::OkStatus();
      const std::string condition = absl::StrJoin(std::exchange(deleted, {}), " OR ");
      return Change(step, step.edge.key.on_delete, condition, nullptr);
    };
    for (const RowChange& change : changes) {
      if (IsLeftOut(step, change.after.has_value())) continue;
      std::string condition;
      bool null = false, moved = !change.after;
      const size_t* unknown = nullptr;  // a column of the parent's
      for (size_t i = 0; i < step.parent_columns.size(); ++i) {
        const std::string& value = change.before[step.parent_columns[i]];
        null = null || value == kNull;
        if (value.empty()) unknown = &step.parent_columns[i];
        moved = moved || (*change.after)[step.parent_columns[i]] != value;
        condition += fmt::format("{}{} = {}", i == 0 ? "(" : " AND ", ChildColumn(step, i), value);
      }
      if (null || !moved) continue;  // nothing refers to NULL
      if (unknown != nullptr) return Unknown(parent, step.edge, parent, *unknown);
      for (const size_t column : step.child_columns) {
        if (step.edge.child->columns[column].left_out)
          return Unknown(parent, step.edge, *step.edge.child, column);
      }
      condition.push_back(')');
      if (!change.after) {
        deleted.push_back(std::move(condition));
        if (deleted.size() >= kMostParents) GODWIT_RETURN_IF_ERROR(delete_children());
      } else {
        GODWIT_RETURN_IF_ERROR(delete_children());
        GODWIT_RETURN_IF_ERROR(Change(step, step.edge.key.on_update, condition, &change));
      }
    }
    return delete_children();
  }

  // Whether the key does nothing, or no more than to give values to columns that the target has not
  // and that no rows follow by.
  bool IsLeftOut(const Step& step, bool updated) const {
    const model::Table& child = *step.edge.child;
    const ReferenceAction action = updated ? step.edge.key.on_update : step.edge.key.on_delete;
    if (!Acts(action)) return true;
    if (!updated && action == ReferenceAction::kCascade) return false;
    if (!std::ranges::all_of(step.child_columns,
                             [&](size_t c) { return child.columns[c].left_out; }))
      return false;
    const auto followers = graph_.children.find(child.name);
    return followers == graph_.children.end() ||
           std::ranges::none_of(followers->second, [&](const ForeignKeyGraph::Edge& edge) {
             const std::vector<size_t> referred = Indexes(child, edge.key.parent_columns);
             return Acts(edge.key.on_update) && std::ranges::any_of(referred, [&](size_t c) {
                      return std::ranges::find(step.child_columns, c) != step.child_columns.end();
                    });
           });
  }

  static std::string ChildColumn(const Step& step, size_t i) {
    return QuoteName(step.edge.child->columns[step.child_columns[i]].name);
  }

  // Changes the children that fulfil `condition`, and theirs. `parent`: what it was changed to;
  // null when it was deleted.
  base::Status Change(const Step& step, ReferenceAction action, const std::string& condition,
                      const RowChange* parent) {
    const model::Table& child = *step.edge.child;
    const bool deletes = parent == nullptr && action == ReferenceAction::kCascade;
    std::vector<std::pair<size_t, std::string>> new_values;  // by column of the child
    std::string set;
    for (size_t i = 0; i < step.child_columns.size() && !deletes; ++i) {
      std::string value(action == ReferenceAction::kSetDefault ? "DEFAULT" : kNull);
      if (action == ReferenceAction::kCascade) {
        value = (*parent->after)[step.parent_columns[i]];
        if (value == parent->before[step.parent_columns[i]]) continue;  // the child has it
      }
      set += fmt::format("{}{} = {}", set.empty() ? "" : ", ", ChildColumn(step, i), value);
      new_values.emplace_back(step.child_columns[i], std::move(value));
    }
    // No server's cascades set these.
    AppendKept(set, child, [&](size_t column) {
      return std::ranges::any_of(new_values,
                                 [&](const auto& value) { return value.first == column; });
    });
    std::vector<RowChange> changes;
    if (graph_.children.contains(child.name)) {
      GODWIT_ASSIGN_OR_RETURN(std::vector<Values> rows, Read(child, condition));
      for (Values& row : rows) {
        RowChange& change = changes.emplace_back(RowChange{std::move(row), std::nullopt});
        if (deletes) continue;
        change.after = change.before;
        for (const auto& [column, value] : new_values) (*change.after)[column] = value;
      }
    }
    // Changed before their own children are: a row that a circle of references leads back to has
    // gone by then.
    GODWIT_ASSIGN_OR_RETURN(
        const ExecuteResult result,
        connection_.Execute(
            deletes
                ? fmt::format("DELETE FROM {} WHERE {}", QuoteName(child.name), condition)
                : fmt::format("UPDATE {} SET {} WHERE {}", QuoteName(child.name), set, condition)));
    const uint64_t expected = result.affected_rows * WarningsPerRow(child, new_values);
    GODWIT_RETURN_IF_ERROR(CheckWarnings(connection_, child, result.warnings, {.count = expected}));
    return From(child, changes);
  }

  // An ENUM's index 0 is the value that stands for an invalid one; storing it raises a warning.
  static uint64_t WarningsPerRow(const model::Table& table,
                                 const std::vector<std::pair<size_t, std::string>>& values) {
    return static_cast<uint64_t>(std::ranges::count_if(values, [&](const auto& value) {
      return table.columns[value.first].kind == model::TypeKind::kEnum && value.second == "0";
    }));
  }

  base::StatusOr<std::vector<Values>> Read(const model::Table& table,
                                           const std::string& condition) {
    std::set<size_t> referred;  // all that is asked of a row
    for (const ForeignKeyGraph::Edge& edge : graph_.children.at(table.name)) {
      for (const size_t c : Indexes(table, edge.key.parent_columns)) {
        if (!table.columns[c].left_out) referred.insert(c);
      }
    }
    std::string columns = "1";
    for (const size_t c : referred) columns += ", " + AsLiteral(table.columns[c]);
    GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows,
                            connection_.Query(fmt::format("SELECT {} FROM {} WHERE {}", columns,
                                                          QuoteName(table.name), condition)));
    std::vector<Values> all;
    for (ResultRow& row : rows) {
      Values& values = all.emplace_back(table.columns.size());
      size_t next = 1;
      for (const size_t c : referred) values[c] = row[next++].value_or(std::string(kNull));
    }
    return all;
  }

  Connection& connection_;
  const ForeignKeyGraph& graph_;
};

}  // namespace

base::Status ApplyCascade(Connection& connection, const connector::Cascade& cascade,
                          const ForeignKeyGraph& graph) {
  std::vector<RowChange> changes;
  for (const auto& row : cascade.rows) {
    RowChange& change = changes.emplace_back(
        RowChange{ValuesOf(connection.flavour(), *cascade.parent, row.before), std::nullopt});
    if (!row.after.empty())
      change.after = ValuesOf(connection.flavour(), *cascade.parent, row.after);
  }
  return Propagation(connection, graph).From(*cascade.parent, changes);
}

}  // namespace godwit::connectors::mysql
