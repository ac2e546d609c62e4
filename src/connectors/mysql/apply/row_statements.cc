#include "connectors/mysql/apply/row_statements.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "connectors/mysql/apply/partial_statements.h"
#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

using model::Cell;
using model::Column;
using model::Row;
using model::Table;

constexpr size_t kStatementBytes = 512 * 1024;
// More keys than this in one condition, and the server's range optimiser gives up
// (optimizer_max_sel_arg_weight).
constexpr size_t kMostKeys = 1000;

std::string ColumnNames(const Table& table) {
  std::string names;
  for (const Column& column : table.columns) {
    if (!IsWritten(column)) continue;
    if (!names.empty()) names.push_back(',');
    AppendName(names, column.name);
  }
  return names;
}

// A server without explicit_defaults_for_timestamp lets a TIMESTAMP follow the clock whose
// definition does not say so.
bool UpdatesItself(const Table& table, const Column& column) {
  return !column.on_update.empty() || column.kind == model::TypeKind::kTimestamp ||
         std::ranges::any_of(table.kept_by_updates, [&](const std::string& kept) {
           return base::EqualsIgnoreCase(kept, column.name);
         });
}

// The clause that makes an INSERT give all columns of an existing row the new values, but for those
// that identify it. MySQL (8.0.19 and later) names the new row and warns of VALUES(), MariaDB
// knows that alone.
std::string UpdateClause(sql::Flavour target, const Table& table) {
  const bool named = target == sql::Flavour::kMySql;
  const std::vector<int> identity = table.RowIdentity();
  std::string clause =
      named ? " AS godwit_new ON DUPLICATE KEY UPDATE " : " ON DUPLICATE KEY UPDATE ";
  bool first = true;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    // Of the identity, which stays, only what the server itself would set is named.
    const bool identifies =
        std::find(identity.begin(), identity.end(), static_cast<int>(i)) != identity.end();
    if (!IsWritten(table.columns[i]) || (identifies && !UpdatesItself(table, table.columns[i])))
      continue;
    const std::string name = QuoteName(table.columns[i].name);
    clause += fmt::format("{}{}={}{}{}", std::exchange(first, false) ? "" : ",", name,
                          named ? "godwit_new." : "VALUES(", name, named ? "" : ")");
    // By its text, the server would take the member '' for no member.
    if (table.columns[i].kind == model::TypeKind::kSet) clause += "|0";
  }
  return clause;
}

// An ENUM's index 0 is the value that stands for an invalid one; storing it raises a warning.
uint64_t WarningsOf(const Cell& cell, const Column& column) {
  return column.kind == model::TypeKind::kEnum && cell.kind() == model::CellKind::kUint &&
                 cell.uint_value() == 0
             ? 1
             : 0;
}

void AppendTuple(std::string& sql, const Table& table, Row row, uint64_t& warnings) {
  sql.push_back('(');
  bool first = true;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (!IsWritten(column)) continue;
    if (!std::exchange(first, false)) sql.push_back(',');
    AppendValue(sql, row[i], column);
    warnings += WarningsOf(row[i], column);
  }
  sql.push_back(')');
}

// "every column has this value", so that text differing only in case, accents or blanks at its end
// does not match.
void AppendExactMatch(std::string& sql, sql::Flavour target, const Table& table, Row row) {
  bool first = true;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (!IsWritten(column) || column.row_period == model::RowPeriod::kEnd) continue;
    if (!std::exchange(first, false)) sql += " AND ";
    AppendName(sql, column.name);
    sql += "<=>";
    AppendComparand(sql, row[i], column, target);
    const bool is_text =
        column.kind == model::TypeKind::kText ||
        (column.kind == model::TypeKind::kJson && target == sql::Flavour::kMariaDb);
    if (!is_text || row[i].is_null()) continue;
    sql += " AND CAST(";
    AppendName(sql, column.name);
    sql += " AS BINARY)=";
    AppendValue(sql, row[i], column);
  }
  if (first) sql += "TRUE";  // the server computes all columns: any row will do
}

// "the row that has this identity", of those that a statement sees: the end of its time is no
// column to ask for.
void AppendIdentityMatch(std::string& sql, sql::Flavour target, const Table& table,
                         const std::vector<int>& identity, Row row) {
  bool first = true;
  for (const int c : identity) {
    const Column& column = table.columns[static_cast<size_t>(c)];
    if (column.row_period != model::RowPeriod::kNone) continue;
    if (!std::exchange(first, false)) sql += " AND ";
    AppendName(sql, column.name);
    sql.push_back('=');
    AppendComparand(sql, row[static_cast<size_t>(c)], column, target);
  }
}

// Below this many rows, preparing a statement costs more than its parsing saves.
constexpr size_t kLeastBoundRows = 100;

struct TupleForm {
  std::string_view verb;
  std::string tail;  // after the tuples
  RowStatement::Count count;
  ValueForm values;
};

base::Status WriteBound(const TupleForm& form, const Table& table, const std::vector<Row>& rows,
                        const BoundRows& empty, const StatementSink& sink) {
  std::string marks;
  for (size_t i = 0; i < empty.columns.size(); ++i) marks += i == 0 ? "?" : ",?";
  RowStatement statement;
  statement.count = form.count;
  statement.sql = fmt::format("{} INTO {} ({}) VALUES ({}){}", form.verb, QuoteName(table.name),
                              ColumnNames(table), marks, form.tail);
  std::shared_ptr<BoundRows> bound;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (bound == nullptr) bound = std::make_shared<BoundRows>(empty);
    bound->Add(table, rows[i]);
    for (size_t c = 0; c < table.columns.size(); ++c) {
      if (IsWritten(table.columns[c]))
        statement.expected_warnings += WarningsOf(rows[i][c], table.columns[c]);
    }
    if (i + 1 < rows.size() && bound->bytes < kStatementBytes) continue;
    statement.rows = bound->rows;
    statement.expected_affected = statement.rows;
    statement.bound = std::exchange(bound, nullptr);
    GODWIT_RETURN_IF_ERROR(sink(statement));
    statement.expected_warnings = 0;
  }
  return base::OkStatus();
}

base::Status WriteTuples(const TupleForm& form, const Table& table, const std::vector<Row>& rows,
                         const StatementSink& sink) {
  if (rows.empty()) return base::OkStatus();
  if (form.values == ValueForm::kBound && rows.size() >= kLeastBoundRows) {
    if (auto binding = BindingFor(table, rows))
      return WriteBound(form, table, rows, *binding, sink);
  }
  const std::string head =
      fmt::format("{} INTO {} ({}) VALUES ", form.verb, QuoteName(table.name), ColumnNames(table));
  RowStatement statement;
  statement.count = form.count;
  statement.sql.reserve(kStatementBytes + kStatementBytes / 4);
  statement.sql = head;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (statement.rows > 0) statement.sql.push_back(',');
    AppendTuple(statement.sql, table, rows[i], statement.expected_warnings);
    ++statement.rows;
    if (i + 1 < rows.size() && statement.sql.size() < kStatementBytes) continue;
    statement.sql += form.tail;
    statement.expected_affected = statement.rows;
    GODWIT_RETURN_IF_ERROR(sink(statement));
    statement.sql = head;
    statement.rows = statement.expected_warnings = 0;
  }
  return base::OkStatus();
}

// Those that have the values of `rows` in `columns`, none of which is NULL.
base::Status DeleteWhere(sql::Flavour target, const Table& table, const std::vector<int>& columns,
                         const std::vector<Row>& rows, const StatementSink& sink) {
  if (rows.empty()) return base::OkStatus();
  const std::string head = fmt::format("DELETE FROM {} WHERE ", QuoteName(table.name));
  const bool single = columns.size() == 1;
  RowStatement statement;
  for (size_t i = 0; i < rows.size(); ++i) {
    std::string& sql = statement.sql;
    if (statement.rows == 0) {
      sql = head;
      if (single) sql += QuoteName(table.columns[static_cast<size_t>(columns[0])].name) + " IN (";
    } else {
      sql += single ? "," : " OR ";
    }
    if (!single) sql.push_back('(');
    for (size_t k = 0; k < columns.size(); ++k) {
      const auto c = static_cast<size_t>(columns[k]);
      if (!single) {
        if (k > 0) sql += " AND ";
        AppendName(sql, table.columns[c].name);
        sql.push_back('=');
      }
      AppendComparand(sql, rows[i][c], table.columns[c], target);
    }
    if (!single) sql.push_back(')');
    ++statement.rows;
    if (i + 1 < rows.size() && statement.rows < kMostKeys && sql.size() < kStatementBytes) continue;
    if (single) sql.push_back(')');
    statement.expected_affected = statement.rows;
    GODWIT_RETURN_IF_ERROR(sink(statement));
    statement.rows = 0;
  }
  return base::OkStatus();
}

}  // namespace

void AppendRowMatch(std::string& sql, sql::Flavour target, const Table& table, Row row) {
  const std::vector<int> identity = table.RowIdentity();
  if (identity.empty()) {
    AppendExactMatch(sql, target, table, row);
  } else {
    AppendIdentityMatch(sql, target, table, identity, row);
  }
}

void AppendAssignments(RowStatement& statement, const Table& table, Row row) {
  bool first = true;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (column.generated || column.left_out || row[i].kind() == model::CellKind::kAbsent) continue;
    if (!std::exchange(first, false)) statement.sql.push_back(',');
    AppendName(statement.sql, column.name);
    statement.sql.push_back('=');
    AppendValue(statement.sql, row[i], column);
    statement.expected_warnings += WarningsOf(row[i], column);
  }
  if (first) return;
  AppendKept(statement.sql, table,
             [row](size_t i) { return row[i].kind() != model::CellKind::kAbsent; });
}

void AppendKept(std::string& sql, const Table& table, absl::FunctionRef<bool(size_t)> assigned,
                std::string_view of) {
  const auto append = [&](std::string_view column) {
    const std::string name = QuoteName(column);
    sql += fmt::format(",{0}{1}={0}{1}", of, name);
  };
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (!column.left_out && !column.generated && UpdatesItself(table, column) && !assigned(i))
      append(column.name);
  }
  for (const std::string& kept : table.kept_by_updates) {
    const int at = table.FindColumn(kept);
    if (at < 0 || table.columns[static_cast<size_t>(at)].left_out) append(kept);
  }
}

base::Status WriteRows(WriteKind kind, const Table& table, const std::vector<Row>& rows,
                       const StatementSink& sink, ValueForm form) {
  return WriteTuples({kind == WriteKind::kReplace ? "REPLACE" : "INSERT", "",
                      RowStatement::Count::kAffected, form},
                     table, rows, sink);
}

base::Status UpdateRows(sql::Flavour target, const Table& table, const std::vector<Row>& rows,
                        const StatementSink& sink, ValueForm form) {
  return WriteTuples({"INSERT", UpdateClause(target, table), RowStatement::Count::kThere, form},
                     table, rows, sink);
}

base::Status DeleteRows(sql::Flavour target, const Table& table, const std::vector<Row>& rows,
                        const StatementSink& sink) {
  return DeleteWhere(target, table, table.RowIdentity(), rows, sink);
}

base::Status DeleteHolders(sql::Flavour target, const Table& table, const std::vector<int>& columns,
                           const std::vector<Row>& rows, const StatementSink& sink) {
  std::vector<Row> with_values;
  std::ranges::copy_if(rows, std::back_inserter(with_values), [&](Row row) {
    return std::ranges::none_of(columns, [&](int c) {
      const Cell& cell = row[static_cast<size_t>(c)];
      return cell.is_null() || cell.kind() == model::CellKind::kAbsent;
    });
  });
  return DeleteWhere(target, table, columns, with_values, sink);
}

base::Status WriteOrdered(sql::Flavour target, const Table& table,
                          const std::vector<connector::TableChanges::Update>& changes, bool partial,
                          const StatementSink& sink) {
  std::vector<Row> inserts;
  auto flush = [&] {
    base::Status status = partial ? WritePartialRows(WriteKind::kInsert, table, inserts, sink)
                                  : WriteRows(WriteKind::kInsert, table, inserts, sink);
    inserts.clear();
    return status;
  };
  for (const auto& change : changes) {
    if (change.before.empty()) {
      inserts.push_back(change.after);
      continue;
    }
    GODWIT_RETURN_IF_ERROR(flush());
    RowStatement statement;
    statement.rows = statement.expected_affected = 1;
    if (change.after.empty()) {
      statement.sql = fmt::format("DELETE FROM {} WHERE ", QuoteName(table.name));
    } else {
      statement.sql = fmt::format("UPDATE {} SET ", QuoteName(table.name));
      const size_t set = statement.sql.size();
      AppendAssignments(statement, table, change.after);
      if (statement.sql.size() == set) continue;  // the server computes all columns
      statement.sql += " WHERE ";
      statement.count = RowStatement::Count::kFound;  // PostgreSQL logs what changes nothing, too
    }
    AppendRowMatch(statement.sql, target, table, change.before);
    statement.sql += " LIMIT 1";
    GODWIT_RETURN_IF_ERROR(sink(statement));
  }
  return flush();
}

}  // namespace godwit::connectors::mysql
