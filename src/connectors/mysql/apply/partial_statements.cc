#include "connectors/mysql/apply/partial_statements.h"

#include <algorithm>
#include <map>

#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

using connector::TableChanges;
using model::Row;
using model::Table;

constexpr size_t kBatchBytes = 256 * 1024;
constexpr size_t kMostInBatch = 500;
constexpr size_t kMostCells = 20'000;  // of rows in one statement
constexpr size_t kFewRows = 4;         // are written as soon by themselves

bool IsAbsent(const model::Cell& cell) { return cell.kind() == model::CellKind::kAbsent; }

// Which of the columns that rows are written with the row lacks.
std::vector<bool> AbsentColumns(const Table& table, Row row) {
  std::vector<bool> absent(row.size());
  for (size_t i = 0; i < row.size(); ++i)
    absent[i] = IsAbsent(row[i]) && IsWritten(table.columns[i]);
  return absent;
}

// The row as `after` has it, but for the identity where it stays. What has its value already is set
// all the same: a column that the server itself would update must not be left to it.
std::vector<model::Cell> NewValues(const Table& table, const TableChanges::Update& update) {
  std::vector<model::Cell> values(update.after.begin(), update.after.end());
  for (const int c : table.RowIdentity()) {
    const auto i = static_cast<size_t>(c);
    if (values[i] == update.before[i]) values[i] = model::Cell::Absent();
  }
  return values;
}

// False: there is nothing to be set.
bool AppendUpdate(RowStatement& statement, sql::Flavour target, const Table& table,
                  const TableChanges::Update& update) {
  const std::vector<model::Cell> values = NewValues(table, update);
  const size_t begin = statement.sql.size();
  statement.sql += fmt::format("UPDATE {} SET ", QuoteName(table.name));
  const size_t set = statement.sql.size();
  AppendAssignments(statement, table, values);
  if (statement.sql.size() == set) {
    statement.sql.resize(begin);
    return false;
  }
  statement.sql += " WHERE ";
  AppendRowMatch(statement.sql, target, table, update.before);
  return true;
}

}  // namespace

base::Status WritePartialRows(WriteKind kind, const Table& table, const std::vector<Row>& rows,
                              const StatementSink& sink) {
  std::map<std::vector<bool>, std::vector<Row>> by_absent;
  for (const Row row : rows) by_absent[AbsentColumns(table, row)].push_back(row);
  for (const auto& [absent, alike] : by_absent) {
    Table written = table;  // without the columns that none of the rows has
    for (size_t i = 0; i < absent.size(); ++i) {
      if (!absent[i]) continue;
      written.columns[i].generated = true;
      written.columns[i].row_period = model::RowPeriod::kNone;
    }
    GODWIT_RETURN_IF_ERROR(
        WriteRows(kind, written, alike, [&sink](const RowStatement& statement) -> base::Status {
          RowStatement with_defaults = statement;
          with_defaults.takes_defaults = true;
          return sink(with_defaults);
        }));
  }
  return base::OkStatus();
}

namespace {

// Updates as single statements, as many in one round trip as `kind` allows.
base::Status UpdateEach(PartialKind kind, sql::Flavour target, const Table& table,
                        const std::vector<TableChanges::Update>& updates,
                        const StatementSink& sink) {
  RowStatement batch;
  batch.count = RowStatement::Count::kFound;
  batch.must_be_found = kind == PartialKind::kClaims;
  const auto flush = [&]() -> base::Status {
    if (batch.rows == 0) return base::OkStatus();
    batch.expected_affected = batch.rows;
    base::Status status = sink(batch);
    batch.sql.clear();
    batch.parts.clear();
    batch.rows = batch.expected_warnings = 0;
    return status;
  };
  for (const TableChanges::Update& update : updates) {
    const size_t begin = batch.sql.size();
    if (!AppendUpdate(batch, target, table, update)) continue;
    batch.parts.push_back(begin);
    ++batch.rows;
    // What warns is sent by itself, so that it is known what the warnings are about.
    if (batch.expected_warnings > 0 && batch.rows > 1) {
      RowStatement alone = batch;
      alone.sql = batch.sql.substr(begin);
      alone.parts = {0};
      alone.rows = alone.expected_affected = 1;
      batch.sql.resize(begin);
      batch.parts.pop_back();
      --batch.rows;
      batch.expected_warnings = 0;
      GODWIT_RETURN_IF_ERROR(flush());
      GODWIT_RETURN_IF_ERROR(sink(alone));
      continue;
    }
    if (kind != PartialKind::kRest || batch.expected_warnings > 0 || batch.rows == kMostInBatch ||
        batch.sql.size() >= kBatchBytes) {
      GODWIT_RETURN_IF_ERROR(flush());
      continue;
    }
    batch.sql.push_back(';');
  }
  return flush();
}

// Columns that rows in a statement of their own (a derived table) hold and compare as the table
// does: of others the values there may have another type.
bool JoinsOn(const model::Column& column) {
  return column.kind == model::TypeKind::kInt || column.kind == model::TypeKind::kUint;
}
bool Travels(const model::Column& column, const model::Cell& cell) {
  switch (column.kind) {
    case model::TypeKind::kJson:
    case model::TypeKind::kGeometry:
    case model::TypeKind::kBit:
    case model::TypeKind::kEnum:
    case model::TypeKind::kSet:
      return false;
    default:
      return cell.kind() != model::CellKind::kExpression;
  }
}

// What an update sets, where it can be one row of a statement for many; else nothing.
std::vector<size_t> SetInBulk(const Table& table, const TableChanges::Update& update) {
  std::vector<size_t> set;
  const std::vector<int> identity = table.RowIdentity();
  for (const int c : identity) {
    if (!JoinsOn(table.columns[static_cast<size_t>(c)])) return {};
  }
  for (size_t i = 0; i < update.after.size(); ++i) {
    const model::Column& column = table.columns[i];
    if (IsAbsent(update.after[i]) || column.generated || column.left_out ||
        std::find(identity.begin(), identity.end(), static_cast<int>(i)) != identity.end()) {
      continue;
    }
    if (!Travels(column, update.after[i])) return {};
    set.push_back(i);
  }
  return set;
}

// One statement for updates that all set the columns `set`: the rows are looked up one after the
// other in the table, by its key.
base::Status UpdateBySet(const Table& table, const std::vector<size_t>& set,
                         const std::vector<TableChanges::Update>& updates,
                         const StatementSink& sink) {
  const std::vector<int> identity = table.RowIdentity();
  std::string tail = ") godwit_new STRAIGHT_JOIN " + QuoteName(table.name) + " godwit_old ON ";
  for (size_t k = 0; k < identity.size(); ++k) {
    const std::string name = QuoteName(table.columns[static_cast<size_t>(identity[k])].name);
    tail += fmt::format("{}godwit_old.{} = godwit_new.k{}", k == 0 ? "" : " AND ", name, k);
  }
  tail += " SET ";
  for (size_t i = 0; i < set.size(); ++i) {
    tail += fmt::format("{}godwit_old.{}=godwit_new.v{}", i == 0 ? "" : ",",
                        QuoteName(table.columns[set[i]].name), i);
  }
  AppendKept(
      tail, table, [&set](size_t i) { return std::ranges::find(set, i) != set.end(); },
      "godwit_old.");
  const size_t most_rows = std::max<size_t>(1, kMostCells / (set.size() + identity.size()));
  RowStatement statement;
  statement.count = RowStatement::Count::kFound;
  for (size_t row = 0; row < updates.size(); ++row) {
    const bool first = statement.rows == 0;
    statement.sql += first ? "UPDATE (SELECT " : " UNION ALL SELECT ";
    for (size_t k = 0; k < identity.size(); ++k) {
      const auto c = static_cast<size_t>(identity[k]);
      if (k > 0) statement.sql.push_back(',');
      // Small and large ones together would be decimals, by which no index serves.
      const bool is_unsigned = table.columns[c].kind == model::TypeKind::kUint;
      if (is_unsigned) statement.sql += "CAST(";
      AppendValue(statement.sql, updates[row].before[c], table.columns[c]);
      if (is_unsigned) statement.sql += " AS UNSIGNED)";
      if (first) statement.sql += fmt::format(" AS k{}", k);
    }
    for (size_t i = 0; i < set.size(); ++i) {
      statement.sql.push_back(',');
      AppendValue(statement.sql, updates[row].after[set[i]], table.columns[set[i]]);
      if (first) statement.sql += fmt::format(" AS v{}", i);
    }
    ++statement.rows;
    if (row + 1 < updates.size() && statement.rows < std::min(most_rows, kMostInBatch) &&
        statement.sql.size() < kBatchBytes) {
      continue;
    }
    statement.sql += tail;
    statement.expected_affected = statement.rows;
    statement.parts = {0};
    GODWIT_RETURN_IF_ERROR(sink(statement));
    statement.sql.clear();
    statement.rows = 0;
  }
  return base::OkStatus();
}

}  // namespace

base::Status UpdatePartialRows(PartialKind kind, sql::Flavour target, const Table& table,
                               const std::vector<TableChanges::Update>& updates,
                               const StatementSink& sink) {
  if (kind != PartialKind::kRest) return UpdateEach(kind, target, table, updates, sink);
  std::map<std::vector<size_t>, std::vector<TableChanges::Update>> by_set;
  std::vector<TableChanges::Update> others;
  for (const TableChanges::Update& update : updates) {
    std::vector<size_t> set = SetInBulk(table, update);
    (set.empty() ? others : by_set[std::move(set)]).push_back(update);
  }
  for (const auto& [set, alike] : by_set) {
    if (alike.size() < kFewRows) {
      others.insert(others.end(), alike.begin(), alike.end());
      continue;
    }
    GODWIT_RETURN_IF_ERROR(UpdateBySet(table, set, alike, sink));
  }
  return UpdateEach(kind, target, table, others, sink);
}

}  // namespace godwit::connectors::mysql
