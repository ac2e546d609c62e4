#include "connectors/postgres/apply/cascade.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "connectors/postgres/apply/row_statements.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::CascadeStep;
using connector::ForeignKeyGraph;
using connector::KeyChange;
using connector::KeyValue;
using connector::KeyValues;
using model::Cell;
using model::Column;
using model::Table;
using model::TypeKind;

std::string NameIn(const Table& table, size_t column) {
  return QuoteName(table.columns[column].name);
}

class StatementBuilder {
 public:
  StatementBuilder(const CascadeStep& step, const Table& here, const TargetTypes& types)
      : step_(step), here_(here), types_(types) {}

  CascadeStatement Build() && {
    const std::string name = QuoteName(step_.child().name);
    const std::string parents = Parents();
    if (step_.deletes()) {
      statement_.sql = fmt::format("DELETE FROM {} AS t USING {} WHERE {}{}", name, parents,
                                   Match("t"), NotSpared());
      if (step_.read) statement_.sql += " RETURNING 1" + Read("t");
    } else if (!step_.read) {
      statement_.sql = fmt::format("UPDATE {} AS t SET {} FROM {} WHERE {}", name, Assignments(),
                                   parents, Match("t"));
    } else {
      // What is returned of a changed row is what it has become: o is what it was.
      statement_.sql = fmt::format(
          "UPDATE {0} AS t SET {1} FROM {2} JOIN {0} AS o ON {3} WHERE t.ctid = o.ctid AND "
          "t.tableoid = o.tableoid RETURNING 1{4}{5}",
          name, Assignments(), parents, Match("o"), Read("o"), Read("t"));
    }
    return std::move(statement_);
  }

 private:
  std::string Bind(const KeyValue& value, size_t child_column) {
    statement_.parameters.emplace_back(
        value.kind == KeyValue::Kind::kText ? std::optional(value.text) : std::nullopt);
    return fmt::format("${}::{}", statement_.parameters.size(),
                       CastType(here_.columns[child_column].type_text));
  }

  // The values that children refer to, as a table v with columns v0, v1, ...
  std::string Parents() {
    std::string rows, names;
    for (const KeyChange& parent : step_.parents) {
      rows += rows.empty() ? "(" : ", (";
      for (size_t i = 0; i < step_.columns.size(); ++i) {
        const CascadeStep::Pair& column = step_.columns[i];
        rows += (i == 0 ? "" : ", ") + Bind(parent.before[column.parent], column.child);
      }
      rows.push_back(')');
    }
    for (size_t i = 0; i < step_.columns.size(); ++i)
      names += fmt::format("{}v{}", i == 0 ? "" : ", ", i);
    return fmt::format("(VALUES {}) AS v ({})", rows, names);
  }

  std::string Match(std::string_view row) const {
    std::string match;
    for (size_t i = 0; i < step_.columns.size(); ++i) {
      const size_t c = step_.columns[i].child;
      if (i > 0) match += " AND ";
      match +=
          Equality(types_, here_.columns[c], fmt::format("{}.{}", row, NameIn(step_.child(), c)),
                   fmt::format("v.v{}", i));
    }
    return match;
  }

  std::string NotSpared() {
    std::string conditions;
    for (const KeyValues& row : step_.spared) {
      std::string match;
      for (const int i : step_.child().RowIdentity()) {
        const auto c = static_cast<size_t>(i);
        match +=
            (match.empty() ? "" : " AND ") +
            Equality(types_, here_.columns[c], "t." + NameIn(step_.child(), c), Bind(row[c], c));
      }
      conditions += fmt::format(" AND NOT ({})", match);
    }
    return conditions;
  }

  std::string Assignments() {
    std::string set;
    for (const CascadeStep::Pair& column : step_.columns) {
      if (!step_.Sets(column)) continue;
      const KeyValue value = step_.NewValue(column);
      set += fmt::format(
          "{}{} = {}", set.empty() ? "" : ", ", NameIn(step_.child(), column.child),
          value.kind == KeyValue::Kind::kDefault ? "DEFAULT" : Bind(value, column.child));
    }
    return set;
  }

  std::string Read(std::string_view row) const {
    std::string list;
    for (const size_t c : *step_.read)
      list += fmt::format(", {}.{}", row, NameIn(step_.child(), c));
    return list;
  }

  const CascadeStep& step_;
  const Table& here_;  // the child
  const TargetTypes& types_;
  CascadeStatement statement_;
};

KeyValues ValuesIn(const Table& table, const std::set<size_t>& read, const ResultRow& row,
                   size_t begin) {
  KeyValues values(table.columns.size());
  for (const size_t c : read) {
    const std::optional<std::string>& value = row[begin++];
    values[c] = value ? KeyValue::Text(*value) : KeyValue::Null();
  }
  return values;
}

// InnoDB compares numbers of labels, and bits, where the target has what they stand for.
bool ComparesOtherwise(const Column& parent, const Column& child) {
  switch (parent.kind) {
    case TypeKind::kEnum:
    case TypeKind::kSet:
      return child.kind != parent.kind || child.labels != parent.labels;
    case TypeKind::kBit:
      return child.kind != parent.kind || child.length != parent.length;
    default:
      return false;
  }
}

// Whether rows of the key's table follow some of the cascade's.
bool Reaches(const connector::Cascade& cascade, const model::ForeignKey& key) {
  const std::vector<size_t> columns = connector::ColumnIndexes(*cascade.parent, key.parent_columns);
  return std::ranges::any_of(cascade.rows, [&](const auto& row) {
    if (row.after.empty()) return Acts(key.on_delete);
    return Acts(key.on_update) &&
           std::ranges::any_of(columns, [&](size_t c) { return row.before[c] != row.after[c]; });
  });
}

}  // namespace

CascadeStatement StatementFor(const CascadeStep& step, const Table& here,
                              const TargetTypes& types) {
  return StatementBuilder(step, here, types).Build();
}

bool IsLoose(const Column& column) {
  if (column.kind != TypeKind::kText || column.charset == "binary") return false;
  const std::string_view collation = column.collation;
  return !collation.ends_with("_nopad_bin") && collation != "utf8mb4_0900_bin";
}

class CascadeApplier::Writer : public connector::CascadeWriter {
 public:
  explicit Writer(CascadeApplier& applier) : applier_(applier) {}

  base::StatusOr<std::vector<KeyChange>> Write(const CascadeStep& step) override {
    auto changes = Execute(step);
    if (changes.ok()) return changes;
    return base::Annotate(
        changes.status(),
        fmt::format("table {}: doing what its foreign key {} ({}) did on the source when rows of "
                    "{} {}",
                    step.child().name.ToString(), step.edge.key.name,
                    QuoteNames(step.edge.key.columns), step.edge.key.parent.ToString(),
                    step.deleted ? "were deleted" : "got other keys"));
  }

 private:
  base::StatusOr<std::vector<KeyChange>> Execute(const CascadeStep& step) {
    for (const CascadeStep::Pair& column : step.columns) {
      if (ComparesOtherwise(step.parent.columns[column.parent],
                            step.child().columns[column.child])) {
        return base::FailedPrecondition(
            "column {} has other labels, or another number of bits, than the column that it refers "
            "to, so that equal numbers are not equal values: give both the same type on the source "
            "and copy anew with `godwit run --restart`, or leave the table out with "
            "`tables.exclude`",
            step.child().columns[column.child].name);
      }
    }
    GODWIT_ASSIGN_OR_RETURN(const model::TablePtr here, applier_.Here(step.edge.child));
    const CascadeStatement statement = StatementFor(step, *here, applier_.types_);
    const std::vector<Parameter> parameters(statement.parameters.begin(),
                                            statement.parameters.end());
    std::vector<KeyChange> changes;
    if (!step.read) {
      GODWIT_RETURN_IF_ERROR(applier_.connection_.Execute(statement.sql, parameters).status());
      return changes;
    }
    GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                            applier_.connection_.Query(statement.sql, parameters));
    changes.reserve(rows.size());
    for (const ResultRow& row : rows) {
      KeyChange& change = changes.emplace_back();
      change.before = ValuesIn(step.child(), *step.read, row, 1);
      if (!step.deletes())
        change.after = ValuesIn(step.child(), *step.read, row, 1 + step.read->size());
    }
    return changes;
  }

  CascadeApplier& applier_;
};

base::StatusOr<model::TablePtr> CascadeApplier::Here(const model::TablePtr& table) {
  GODWIT_ASSIGN_OR_RETURN(const ForeignRows* const rows, foreign_.RowsOf(connection_, table));
  return rows->here();
}

base::StatusOr<std::vector<KeyChange>> CascadeApplier::ChangesHere(
    const connector::Cascade& cascade, const ForeignKeyGraph& graph) {
  const Table& parent = *cascade.parent;
  const std::set<size_t> needed = connector::NeededColumns(graph, parent);
  // The log has them even where the target has no such columns, or no such table.
  auto known = std::make_shared<Table>(parent);
  for (const size_t c : needed) known->columns[c].left_out = false;
  GODWIT_ASSIGN_OR_RETURN(ForeignRows rows, ForeignRows::Make(known, known, foreign_.rules()));
  base::Arena arena;
  std::vector<Cell> cells(parent.columns.size());
  const auto convert = [&](model::Row row) -> base::StatusOr<model::Row> {
    if (row.empty()) return row;
    for (const size_t c : needed) cells[c] = row[c];
    GODWIT_ASSIGN_OR_RETURN(const model::Row here, rows.Convert(cells, arena));
    for (const size_t c : needed) {
      if (!here[c].is_null() || row[c].is_null()) continue;
      return base::FailedPrecondition(
          "table {}, column {}: the target has NULL for a value by which rows of other tables "
          "follow this row: which they are is not known; change the value on the source and copy "
          "anew with `godwit run --restart`, or leave the tables out with `tables.exclude`",
          parent.name.ToString(), parent.columns[c].name);
    }
    return here;
  };
  connector::Cascade here{cascade.parent, {}};
  for (const auto& row : cascade.rows) {
    auto& converted = here.rows.emplace_back();
    GODWIT_ASSIGN_OR_RETURN(converted.before, convert(row.before));
    GODWIT_ASSIGN_OR_RETURN(converted.after, convert(row.after));
  }
  return connector::KeyChangesOf(here, graph, [](std::string& text, const Cell& cell, size_t) {
    AppendText(text, cell);
    return base::OkStatus();
  });
}

base::Status CascadeApplier::CheckReferences(const Table& parent,
                                             const ForeignKeyGraph::Edge& edge) {
  const Table& child = *edge.child;
  const std::vector<size_t> ours = connector::ColumnIndexes(child, edge.key.columns);
  const std::vector<size_t> theirs = connector::ColumnIndexes(parent, edge.key.parent_columns);
  GODWIT_ASSIGN_OR_RETURN(const model::TablePtr here, Here(edge.child));
  bool loose = false;
  std::string values, set, match;
  for (size_t i = 0; i < ours.size(); ++i) {
    const Column &column = child.columns[ours[i]], &referred = parent.columns[theirs[i]];
    loose = loose || IsLoose(column) || IsLoose(referred);
    if (column.left_out) return base::OkStatus();  // its rows are not found at all
    const std::string name = "t." + QuoteName(column.name);
    values += fmt::format("{}{}", i == 0 ? "" : ", ", name);
    set += fmt::format("{}{} IS NOT NULL", i == 0 ? "" : " AND ", name);
    match += (i == 0 ? "" : " AND ") +
             Equality(types_, here->columns[ours[i]], "p." + QuoteName(referred.name), name);
  }
  if (!loose) return base::OkStatus();
  const base::StatusOr<std::vector<ResultRow>> rows = connection_.Query(fmt::format(
      "SELECT {} FROM {} AS t WHERE {} AND NOT EXISTS (SELECT FROM {} AS p WHERE {}) LIMIT 1",
      values, QuoteName(child.name), set, QuoteName(parent.name), match));
  if (!rows.ok()) {
    return base::Annotate(
        rows.status(),
        fmt::format("table {}: looking for rows that refer by foreign key {} to rows of {} that "
                    "are not the same letter by letter",
                    child.name.ToString(), edge.key.name, parent.name.ToString()));
  }
  if (rows->empty()) return base::OkStatus();
  std::string found;
  for (const auto& value : rows->front())
    found += (found.empty() ? "" : ", ") + QuoteText(value.value_or(""));
  return base::FailedPrecondition(
      "table {0}: a row with {1} in {2} refers by foreign key {3} to no row of {4} that is the "
      "same letter by letter, only to one that its collation takes for the same, or to none; rows "
      "of {4} were deleted or got other keys on the source, and whether this one followed is not "
      "known. On the source and on the target, give it the letters of the row that it refers to, "
      "and run again; or leave {0} out with `tables.exclude`",
      child.name.ToString(), found, QuoteNames(edge.key.columns), edge.key.name,
      parent.name.ToString());
}

// Before anything is done: then each child still has its parent.
base::Status CascadeApplier::CheckReferences(const connector::ChangeSegment& segment) {
  const ForeignKeyGraph& graph = *segment.graph;
  std::set<const ForeignKeyGraph::Edge*> seen;
  std::vector<std::pair<const Table*, const ForeignKeyGraph::Edge*>> reached;
  const auto add = [&](const Table& parent, auto reaches) {
    const auto edges = graph.children.find(parent.name);
    if (edges == graph.children.end()) return;
    for (const ForeignKeyGraph::Edge& edge : edges->second) {
      if (!edge.missing && reaches(edge.key) && seen.insert(&edge).second)
        reached.emplace_back(&parent, &edge);
    }
  };
  for (const connector::Cascade& cascade : segment.cascades)
    add(*cascade.parent, [&](const model::ForeignKey& key) { return Reaches(cascade, key); });
  for (size_t i = 0; i < reached.size(); ++i) {
    const auto [parent, edge] = reached[i];
    GODWIT_RETURN_IF_ERROR(CheckReferences(*parent, *edge));
    add(*edge->child, [](const model::ForeignKey& key) { return Acts(key); });
  }
  return base::OkStatus();
}

base::Status CascadeApplier::Apply(const connector::ChangeSegment& segment, bool strict) {
  if (segment.cascades.empty()) return base::OkStatus();
  if (strict) GODWIT_RETURN_IF_ERROR(CheckReferences(segment));
  Writer writer(*this);
  for (const connector::Cascade& cascade : segment.cascades) {
    GODWIT_ASSIGN_OR_RETURN(const std::vector<KeyChange> changes,
                            ChangesHere(cascade, *segment.graph));
    GODWIT_RETURN_IF_ERROR(
        connector::WalkCascade(*cascade.parent, changes, *segment.graph, writer));
  }
  return base::OkStatus();
}

}  // namespace godwit::connectors::postgres
