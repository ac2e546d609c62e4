#include <algorithm>
#include <array>

#include "connectors/postgres/apply/change_text.h"
#include "connectors/postgres/apply/row_statements.h"
#include "connectors/postgres/row_columns.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::TableChanges;
using model::Cell;
using model::CellKind;
using model::Column;
using model::Row;
using model::Table;

// How a value of a row without an identity is found, so that indexes serve where there are some.
enum class Finding : uint8_t {
  kByEquality,       // what is equal is the same
  kByEqualityFirst,  // what is equal may still be written otherwise: 1.0 and 1.00, 'a' and 'A'
  kByText,           // there may be no =, or it means something else (areas of boxes)
};

Finding FindingOf(const Column& column) {
  constexpr std::array<std::string_view, 10> kSame = {"smallint",
                                                      "integer",
                                                      "bigint",
                                                      "oid",
                                                      "boolean",
                                                      "uuid",
                                                      "date",
                                                      "bytea",
                                                      "timestamp without time zone",
                                                      "timestamp with time zone"};
  constexpr std::array<std::string_view, 6> kEqual = {
      "text", "character varying", "bpchar", "numeric", "real", "double precision"};
  const std::string type = CastType(column.type_text);
  if (std::ranges::find(kSame, type) != kSame.end()) return Finding::kByEquality;
  if (std::ranges::find(kEqual, type) != kEqual.end()) return Finding::kByEqualityFirst;
  return Finding::kByText;
}

// One change of one row: its statement, with the values bound one by one.
class OrderedChange {
 public:
  OrderedChange(const Table& table, const TargetTypes& types, const TableChanges::Update& change)
      : table_(table), types_(types), change_(change), identity_(table.RowIdentity()) {}

  // Without SQL: there is nothing to be changed.
  base::StatusOr<RowStatement> Make() {
    const bool deletes = change_.after.empty();
    Assignments set;
    if (!deletes) {
      GODWIT_ASSIGN_OR_RETURN(set, Set());
      if (set.empty()) return RowStatement();
    }
    GODWIT_ASSIGN_OR_RETURN(const std::string match, Match());
    const std::string name = QuoteName(table_.name);
    // Of a partitioned table a ctid is not the only one.
    const std::string where = fmt::format(
        "(t.tableoid, t.ctid) = (SELECT s.tableoid, s.ctid FROM {} AS s WHERE {} LIMIT 1)", name,
        match);
    statement_.sql = deletes ? fmt::format("DELETE FROM {} AS t WHERE {}", name, where)
                             : ChangeText(table_, set, "", where);
    statement_.rows = statement_.expected_affected = 1;
    return std::move(statement_);
  }

 private:
  const Column& ColumnAt(int c) const { return table_.columns[static_cast<size_t>(c)]; }

  // "$1::integer"
  base::StatusOr<std::string> Bind(int column, const Cell& cell) {
    const std::string type = CastType(ColumnAt(column).type_text);
    if (cell.is_null()) return "NULL::" + type;
    GODWIT_RETURN_IF_ERROR(CheckText(table_, column, cell));
    AppendText(statement_.parameters.emplace_back(), cell);
    return fmt::format("${}::{}", statement_.parameters.size(), type);
  }

  base::StatusOr<Assignments> Set() {
    Assignments set;
    for (const int column : WrittenColumns(table_)) {
      const auto c = static_cast<size_t>(column);
      const Cell& cell = change_.after[c];
      if (cell.kind() == CellKind::kAbsent) continue;
      // A row that is found by all of its values has this one.
      const bool stays = cell == change_.before[c];
      if (stays && (identity_.empty() || MayRefuseUpdates(ColumnAt(column)))) continue;
      GODWIT_ASSIGN_OR_RETURN(std::string value, Bind(column, cell));
      set.emplace_back(column, std::move(value));
    }
    return set;
  }

  base::StatusOr<std::string> Match() {
    std::string match;
    for (const int column : identity_.empty() ? WrittenColumns(table_) : identity_) {
      GODWIT_ASSIGN_OR_RETURN(const std::string one, MatchOf(column));
      match += (match.empty() ? "" : " AND ") + one;
    }
    return match.empty() ? "TRUE" : match;  // all rows are the same
  }

  base::StatusOr<std::string> MatchOf(int c) {
    const Column& column = ColumnAt(c);
    const Cell& cell = change_.before[static_cast<size_t>(c)];
    const std::string name = "s." + QuoteName(column.name);
    if (cell.kind() == CellKind::kAbsent) {
      return base::FailedPrecondition(
          "table {}: the log lacks column {} of a row, and the table has no key by which the row "
          "could be found without it; let the source log whole rows (REPLICA IDENTITY FULL), or "
          "give the table a primary key, and copy anew with `godwit run --restart`",
          table_.name.ToString(), column.name);
    }
    if (cell.is_null()) return name + " IS NULL";
    GODWIT_ASSIGN_OR_RETURN(const std::string value, Bind(c, cell));
    if (!identity_.empty()) return Equality(types_, column, name, value);
    const Finding finding = FindingOf(column);
    const std::string equal = finding == Finding::kByText ? "" : name + " = " + value;
    if (finding == Finding::kByEquality) return equal;
    // format() gives what the type's output function writes, which a cast to text may not.
    return fmt::format("{}{}format('%s', {}) COLLATE \"C\" = format('%s', {}) COLLATE \"C\"", equal,
                       equal.empty() ? "" : " AND ", name, value);
  }

  const Table& table_;
  const TargetTypes& types_;
  const TableChanges::Update& change_;
  const std::vector<int> identity_;
  RowStatement statement_;
};

}  // namespace

base::Status WriteOrdered(const Table& table, const std::vector<TableChanges::Update>& changes,
                          const StatementSink& sink, const TargetTypes& types) {
  std::vector<Row> inserts;
  const auto flush = [&] {
    base::Status status = WriteRows(WriteKind::kInsert, table, inserts, sink, types);
    inserts.clear();
    return status;
  };
  for (const TableChanges::Update& change : changes) {
    if (change.before.empty()) {
      inserts.push_back(change.after);
      continue;
    }
    GODWIT_RETURN_IF_ERROR(flush());
    GODWIT_ASSIGN_OR_RETURN(const RowStatement statement,
                            OrderedChange(table, types, change).Make());
    if (!statement.sql.empty()) GODWIT_RETURN_IF_ERROR(sink(statement));
  }
  return flush();
}

}  // namespace godwit::connectors::postgres
