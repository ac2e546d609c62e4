#include "connectors/postgres/apply/segment_writer.h"

#include <algorithm>

#include "base/failpoint.h"
#include "connectors/postgres/apply/copy_rows.h"
#include "connectors/postgres/row_columns.h"

namespace godwit::connectors::postgres {
namespace {

using connector::TableChanges;
using model::Row;
using model::Table;

// Fewer are written as soon by a statement.
constexpr size_t kLeastRowsOfCopy = 50;

// Of a row that is written by COPY, which takes it in pieces: of what a statement binds, libpq has
// all at once, and so has who makes the statement.
constexpr size_t kLargeRow = 1024 * 1024;

constexpr std::string_view kUniqueViolation = "23505";
// There is no key for ON CONFLICT, or one that is only checked later (DEFERRABLE).
constexpr std::string_view kNoSuchKey = "42P10";
constexpr std::string_view kKeyDeferred = "55000";

std::vector<Row> AfterRows(const std::vector<TableChanges::Update>& updates) {
  std::vector<Row> rows;
  rows.reserve(updates.size());
  for (const auto& update : updates) rows.push_back(update.after);
  return rows;
}

// Whether the rows that hold its values are to be found by its columns.
bool HoldsByColumns(const Table& table, const model::Key& key) {
  return !key.has_prefix && !key.has_expression && !key.columns.empty() &&
         std::ranges::none_of(key.columns, [&](int c) {
           const model::Column& column = table.columns[static_cast<size_t>(c)];
           return column.generated || column.left_out;
         });
}

bool LacksColumns(const Table& table, const std::vector<Row>& rows) {
  const std::vector<int> written = WrittenColumns(table);
  return std::ranges::any_of(rows, [&](Row row) {
    return std::ranges::any_of(written, [&](int c) {
      return row[static_cast<size_t>(c)].kind() == model::CellKind::kAbsent;
    });
  });
}

// Whether COPY may put the row in the place of one that is there. Columns that only the target has
// would be lost.
bool IsReplacedByCopy(const Table& table, Row row) {
  return BytesOf(row) >= kLargeRow && !table.target_has_more && !table.RowIdentity().empty() &&
         !LacksColumns(table, {row});
}

// Takes such rows out of `rows`.
std::vector<Row> TakeLarge(const Table& table, std::vector<Row>& rows) {
  const auto large =
      std::ranges::stable_partition(rows, [&](Row row) { return !IsReplacedByCopy(table, row); });
  std::vector<Row> taken(large.begin(), large.end());
  rows.erase(large.begin(), large.end());
  return taken;
}

uint64_t Difference(uint64_t a, uint64_t b) { return a > b ? a - b : b - a; }

// A row of the copy may have had to make room for one that held its unique value before; where the
// log has only the columns that change, it does not bring the row back.
base::Status LostToAnother(std::string_view side, const Table& table) {
  return base::FailedPrecondition(
      "{}: table {}: while it was being copied, a row that has values of unique keys was changed "
      "in a way of which the log does not hold the whole row, and the row, or a place for it, is "
      "not on the target. Let the source log whole rows (`ALTER TABLE {} REPLICA IDENTITY FULL`), "
      "or drop the target's table, so that its unique keys are built after the copy; then copy "
      "anew with `godwit run --restart`",
      side, table.name.ToString(), table.name.ToString());
}

}  // namespace

StatementSink SegmentWriter::SinkFor(const Table& table, Expect expect) {
  return [this, &table, expect](const RowStatement& statement) {
    return Execute(statement, table, expect);
  };
}

base::Status SegmentWriter::Delete(const TableChanges& changes) {
  return DeleteRows(*changes.table, changes.deletes,
                    SinkFor(*changes.table, strict_ ? Expect::kExact : Expect::kAny), types_);
}

base::Status SegmentWriter::Write(const TableChanges& changes) {
  const Table& table = *changes.table;
  if (changes.partial) {
    GODWIT_RETURN_IF_ERROR(WriteClaims(changes));
    GODWIT_RETURN_IF_ERROR(UpdateParts(PartsKind::kRest, table, changes.partial_updates,
                                       SinkFor(table, strict_ ? Expect::kExact : Expect::kAny),
                                       types_));
  }
  if (strict_) {
    std::vector<Row> rows = AfterRows(changes.updates);
    const std::vector<Row> large = TakeLarge(table, rows);
    GODWIT_RETURN_IF_ERROR(UpdateRows(table, rows, SinkFor(table, Expect::kExact), types_));
    GODWIT_RETURN_IF_ERROR(Replace(table, large, Expect::kExact));
    GODWIT_RETURN_IF_ERROR(Insert(changes, changes.inserts));
  } else {
    GODWIT_RETURN_IF_ERROR(Upsert(table, AfterRows(changes.updates)));
    GODWIT_RETURN_IF_ERROR(Upsert(table, changes.inserts));
  }
  return WriteInOrder(changes);
}

// Several at once take what others of them leave only in their order, which a statement has not.
base::Status SegmentWriter::WriteClaims(const TableChanges& changes) {
  if (changes.claims.empty()) return base::OkStatus();
  const Expect expect = strict_                    ? Expect::kExact
                        : changes.unique_keys_wait ? Expect::kAny
                                                   : Expect::kFound;
  const StatementSink sink = SinkFor(*changes.table, expect);
  const auto update = [&](PartsKind kind) {
    return UpdateParts(kind, *changes.table, changes.claims, sink, types_);
  };
  if (changes.claims.size() == 1) return update(PartsKind::kOneByOne);
  return Attempt([&] { return update(PartsKind::kClaims); },
                 [&] { return update(PartsKind::kOneByOne); });
}

base::Status SegmentWriter::Insert(const TableChanges& changes, const std::vector<Row>& rows) {
  const Table& table = *changes.table;
  const bool is_much = (strict_ && rows.size() > kLeastRowsOfCopy) ||
                       std::ranges::any_of(rows, [](Row row) { return BytesOf(row) >= kLargeRow; });
  const bool by_copy =
      is_much && !WrittenColumns(table).empty() && !(changes.partial && LacksColumns(table, rows));
  const Expect expect = strict_ ? Expect::kExact : Expect::kAny;
  return by_copy ? InsertByCopy(table, rows, expect)
                 : WriteRows(WriteKind::kInsert, table, rows, SinkFor(table, expect), types_);
}

base::Status SegmentWriter::InsertByCopy(const Table& table, const std::vector<Row>& rows,
                                         Expect expect) {
  if (rows.empty()) return base::OkStatus();
  base::Failpoint("apply.before_statement");
  ++result_.statements;
  const base::StatusOr<uint64_t> taken = CopyRows(connection_, table, rows);
  if (!taken.ok()) return Failure(taken.status(), table, expect);
  return Count(table, "COPY", *taken, rows.size(), expect);
}

base::Status SegmentWriter::Replace(const Table& table, const std::vector<Row>& rows,
                                    Expect expect) {
  GODWIT_RETURN_IF_ERROR(DeleteRows(table, rows, SinkFor(table, expect), types_));
  return InsertByCopy(table, rows, expect);
}

// Rows that the copy has brought may hold unique values that these are yet to lose, where the
// target's keys stand already; and a row may take a value that another of them leaves.
base::Status SegmentWriter::Upsert(const Table& table, const std::vector<Row>& rows) {
  if (rows.empty()) return base::OkStatus();
  return Attempt(
      [&]() -> base::Status {
        std::vector<Row> others = rows;
        const std::vector<Row> large = TakeLarge(table, others);
        GODWIT_RETURN_IF_ERROR(
            WriteRows(WriteKind::kUpsert, table, others, SinkFor(table, Expect::kAny), types_));
        return Replace(table, large, Expect::kAny);
      },
      [&] { return MakeWayAndInsert(table, rows); });
}

// What has a value of the source's own unique keys that one of the rows has got it later, so that
// the log brings it back. Of a key that the source has not, it does not.
base::Status SegmentWriter::MakeWayAndInsert(const Table& table, const std::vector<Row>& rows) {
  const StatementSink sink = SinkFor(table, Expect::kAny);
  const std::vector<int> identity = table.RowIdentity();
  GODWIT_RETURN_IF_ERROR(DeleteRows(table, rows, sink, types_));
  for (const model::Key& key : table.unique_keys) {
    if (key.target_only || key.columns == identity || !HoldsByColumns(table, key)) continue;
    GODWIT_RETURN_IF_ERROR(DeleteHolders(table, key.columns, rows, sink, types_));
  }
  std::vector<Row> others = rows;
  const std::vector<Row> large = TakeLarge(table, others);
  GODWIT_RETURN_IF_ERROR(WriteRows(WriteKind::kInsert, table, others, sink, types_));
  return InsertByCopy(table, large, Expect::kAny);
}

base::Status SegmentWriter::WriteInOrder(const TableChanges& changes) {
  const bool only_inserts = std::ranges::all_of(
      changes.ordered, [](const auto& change) { return change.before.empty(); });
  if (only_inserts) return Insert(changes, AfterRows(changes.ordered));
  return WriteOrdered(*changes.table, changes.ordered,
                      SinkFor(*changes.table, strict_ ? Expect::kExact : Expect::kAny), types_);
}

base::Status SegmentWriter::Attempt(Work work, Work instead) {
  GODWIT_RETURN_IF_ERROR(connection_.Execute("SAVEPOINT godwit").status());
  const connector::ApplyResult before = result_;
  in_the_way_ = false;
  base::Status status = work();
  if (!status.ok()) {
    if (!in_the_way_) return status;
    result_ = before;
    GODWIT_RETURN_IF_ERROR(connection_.Execute("ROLLBACK TO SAVEPOINT godwit").status());
    GODWIT_RETURN_IF_ERROR(instead());
  }
  return connection_.Execute("RELEASE SAVEPOINT godwit").status();
}

base::Status SegmentWriter::Execute(const RowStatement& statement, const Table& table,
                                    Expect expect) {
  base::Failpoint("apply.before_statement");
  ++result_.statements;
  const base::StatusOr<uint64_t> affected =
      connection_.Execute(statement.sql, statement.parameters);
  if (!affected.ok()) return Failure(affected.status(), table, expect);
  return Count(table, statement.sql, *affected, statement.expected_affected, expect);
}

base::Status SegmentWriter::Count(const Table& table, std::string_view sql, uint64_t affected,
                                  uint64_t expected, Expect expect) {
  if (affected == expected || expect == Expect::kAny) return base::OkStatus();
  if (expect == Expect::kFound) return LostToAnother(connection_.side(), table);
  result_.drifted_rows += Difference(affected, expected);
  if (result_.drift.empty()) {
    result_.drift =
        fmt::format("{}: {} rows changed where {} were expected, in a statement that begins: {}",
                    table.name.ToString(), affected, expected, sql.substr(0, 200));
  }
  return base::OkStatus();
}

base::Status SegmentWriter::Failure(const base::Status& failed, const Table& table, Expect expect) {
  const std::string& state = connection_.last_state();
  in_the_way_ = state == kUniqueViolation || state == kNoSuchKey || state == kKeyDeferred;
  if (state != kUniqueViolation) return failed;
  if (expect == Expect::kFound) {
    const base::Status lost = LostToAnother(connection_.side(), table);
    return base::FailedPrecondition("{} ({})", lost.message(), failed.message());
  }
  if (!strict_) {
    return base::FailedPrecondition(
        "{}. Table {}: while it was being copied, a row of the source is in the way of another by "
        "a unique key that the source has not, or that is over expressions or some of the rows; "
        "drop that key on the target, let the copy catch up, and build it again",
        failed.message(), table.name.ToString());
  }
  return base::FailedPrecondition(
      "{}. Table {}: what the source wrote is on the target already. Something else has written to "
      "the target, {}or a DDL of the source was not executed there (`godwit ddl` lists those): "
      "`godwit verify` lists the rows that differ; remove them, or copy anew with `godwit run "
      "--restart`",
      failed.message(), table.name.ToString(),
      table.target_has_keys ? "or it has a unique key that the source has not, " : "");
}

}  // namespace godwit::connectors::postgres
