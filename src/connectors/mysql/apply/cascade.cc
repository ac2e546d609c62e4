#include "connectors/mysql/apply/cascade.h"

#include <optional>
#include <set>
#include <utility>

#include "connector/cascade_walk.h"
#include "connectors/mysql/apply/row_statements.h"
#include "connectors/mysql/apply/warnings.h"
#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

using connector::CascadeStep;
using connector::KeyChange;
using connector::KeyValue;
using connector::KeyValues;

constexpr std::string_view kNull = "NULL";

// Texts of values are comparands in SQL.
std::string ToSql(const KeyValue& value) {
  switch (value.kind) {
    case KeyValue::Kind::kText:
      return value.text;
    case KeyValue::Kind::kDefault:
      return "DEFAULT";
    default:
      return std::string(kNull);
  }
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

class MysqlCascadeWriter : public connector::CascadeWriter {
 public:
  explicit MysqlCascadeWriter(Connection& connection) : connection_(connection) {}

  base::StatusOr<std::vector<KeyChange>> Write(const CascadeStep& step) override {
    const model::Table& child = step.child();
    const std::string condition = Condition(step);
    std::string set;
    KeyValues new_values(child.columns.size());  // unknown: as before
    for (const CascadeStep::Pair& column : step.columns) {
      if (step.deletes() || !step.Sets(column)) continue;
      KeyValue& value = new_values[column.child] = step.NewValue(column);
      set += fmt::format("{}{} = {}", set.empty() ? "" : ", ", NameIn(child, column.child),
                         ToSql(value));
    }
    // No server's cascades set these.
    AppendKept(set, child,
               [&](size_t column) { return new_values[column].kind != KeyValue::Kind::kUnknown; });
    std::vector<KeyChange> changes;
    if (step.read) {
      GODWIT_ASSIGN_OR_RETURN(std::vector<KeyValues> rows, Read(child, *step.read, condition));
      for (KeyValues& row : rows) {
        KeyChange& change = changes.emplace_back(KeyChange{std::move(row), std::nullopt});
        if (step.deletes()) continue;
        change.after = change.before;
        for (size_t c = 0; c < new_values.size(); ++c) {
          if (new_values[c].kind != KeyValue::Kind::kUnknown) (*change.after)[c] = new_values[c];
        }
      }
    }
    GODWIT_ASSIGN_OR_RETURN(
        const ExecuteResult result,
        connection_.Execute(
            step.deletes()
                ? fmt::format("DELETE FROM {} WHERE {}", QuoteName(child.name), condition)
                : fmt::format("UPDATE {} SET {} WHERE {}", QuoteName(child.name), set, condition)));
    const uint64_t expected = result.affected_rows * WarningsPerRow(child, new_values);
    GODWIT_RETURN_IF_ERROR(CheckWarnings(connection_, child, result.warnings, {.count = expected}));
    return changes;
  }

 private:
  static std::string NameIn(const model::Table& table, size_t column) {
    return QuoteName(table.columns[column].name);
  }

  static std::string Condition(const CascadeStep& step) {
    std::string condition;
    for (const KeyChange& parent : step.parents) {
      condition += condition.empty() ? "((" : " OR (";
      for (size_t i = 0; i < step.columns.size(); ++i) {
        const CascadeStep::Pair& column = step.columns[i];
        if (i > 0) condition += " AND ";
        condition += fmt::format("{} = {}", NameIn(step.child(), column.child),
                                 ToSql(parent.before[column.parent]));
      }
      condition.push_back(')');
    }
    condition.push_back(')');
    for (const KeyValues& row : step.spared) {
      std::string match;
      for (const int i : step.child().RowIdentity()) {
        const auto c = static_cast<size_t>(i);
        match += fmt::format("{}{} = {}", match.empty() ? "" : " AND ", NameIn(step.child(), c),
                             ToSql(row[c]));
      }
      condition += fmt::format(" AND NOT ({})", match);
    }
    return condition;
  }

  // An ENUM's index 0 is the value that stands for an invalid one; storing it raises a warning.
  static uint64_t WarningsPerRow(const model::Table& table, const KeyValues& values) {
    uint64_t count = 0;
    for (size_t c = 0; c < values.size(); ++c) {
      if (table.columns[c].kind == model::TypeKind::kEnum && values[c] == KeyValue::Text("0"))
        ++count;
    }
    return count;
  }

  base::StatusOr<std::vector<KeyValues>> Read(const model::Table& table,
                                              const std::set<size_t>& referred,
                                              const std::string& condition) {
    std::string columns = "1";
    for (const size_t c : referred) columns += ", " + AsLiteral(table.columns[c]);
    GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows,
                            connection_.Query(fmt::format("SELECT {} FROM {} WHERE {}", columns,
                                                          QuoteName(table.name), condition)));
    std::vector<KeyValues> all;
    for (ResultRow& row : rows) {
      KeyValues& values = all.emplace_back(table.columns.size());
      size_t next = 1;
      for (const size_t c : referred) {
        std::optional<std::string>& value = row[next++];
        values[c] = value && *value != kNull ? KeyValue::Text(*std::move(value)) : KeyValue::Null();
      }
    }
    return all;
  }

  Connection& connection_;
};

}  // namespace

base::Status ApplyCascade(Connection& connection, const connector::Cascade& cascade,
                          const connector::ForeignKeyGraph& graph) {
  MysqlCascadeWriter writer(connection);
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<KeyChange> changes,
      connector::KeyChangesOf(
          cascade, graph, [&](std::string& text, const model::Cell& cell, size_t column) {
            AppendComparand(text, cell, cascade.parent->columns[column], connection.flavour());
            return base::OkStatus();
          }));
  return connector::WalkCascade(*cascade.parent, changes, graph, writer);
}

}  // namespace godwit::connectors::mysql
