#include "connectors/mysql/applier.h"

#include <mysqld_error.h>

#include "base/failpoint.h"
#include "connectors/mysql/cascade.h"
#include "connectors/mysql/errors.h"
#include "connectors/mysql/history_statements.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/row_history.h"
#include "connectors/mysql/statement_lane.h"

namespace godwit::connectors::mysql {
namespace {

constexpr uint64_t kMostWarnings = 65535;  // the server counts them in 16 bits

// More rows than fit into one statement or two.
constexpr size_t kLeastRowsOfLane = 1000;

size_t RowsOf(const connector::ChangeSegment& segment) {
  size_t rows = 0;
  for (const connector::TableChanges& table : segment.tables) {
    rows +=
        table.deletes.size() + table.updates.size() + table.inserts.size() + table.ordered.size();
  }
  return rows;
}

uint64_t Difference(uint64_t a, uint64_t b) { return a > b ? a - b : b - a; }

}  // namespace

base::StatusOr<std::unique_ptr<MysqlApplier>> MysqlApplier::Open(const config::Endpoint& endpoint,
                                                                 const StateStore* store,
                                                                 bool others) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          Connection::Open(endpoint, "target", Connection::Text::kBinary));
  if (others) {
    // Without locks on gaps, appliers of different rows are hardly in each other's way. The server
    // takes this level only where it does not log statements.
    GODWIT_ASSIGN_OR_RETURN(
        std::string allowed,
        connection->QueryValue("SELECT NOT @@log_bin OR @@binlog_format <> 'STATEMENT'"));
    if (allowed == "1") {
      GODWIT_RETURN_IF_ERROR(
          connection->Execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").status());
    }
  }
  return std::unique_ptr<MysqlApplier>(new MysqlApplier(std::move(connection), store));
}

base::Status MysqlApplier::Begin() {
  if (in_transaction_) return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(connection_->Execute("START TRANSACTION").status());
  in_transaction_ = true;
  return base::OkStatus();
}

base::Status MysqlApplier::CommitTransaction() {
  GODWIT_RETURN_IF_ERROR(connection_->Execute("COMMIT").status());
  in_transaction_ = false;
  return base::OkStatus();
}

base::StatusOr<connector::ApplyResult> MysqlApplier::Apply(const connector::ChangeSegment& segment,
                                                           connector::ApplyMode mode) {
  connector::ApplyResult result;
  const bool strict = mode == connector::ApplyMode::kStrict;
  GODWIT_RETURN_IF_ERROR(Begin());
  for (const connector::Cascade& cascade : segment.cascades) {
    GODWIT_RETURN_IF_ERROR(ApplyCascade(*connection_, cascade, *segment.graph));
  }
  // Where there is little to write, a thread for it would cost more than it gains.
  std::optional<StatementLane> lane;
  if (RowsOf(segment) >= kLeastRowsOfLane) {
    lane.emplace([&](const RowStatement& statement, const model::Table& table) {
      return Execute(statement, table, strict, result);
    });
  }
  const auto sink_for = [&](const model::Table& table) {
    return [&](const RowStatement& statement) {
      return lane ? lane->Put(statement, table) : Execute(statement, table, strict, result);
    };
  };
  for (const connector::TableChanges& changes : segment.tables) {
    GODWIT_RETURN_IF_ERROR(DeleteRows(connection_->flavour(), *changes.table, changes.deletes,
                                      sink_for(*changes.table)));
  }
  const ValueForm form = connection_->takes_bound_rows() ? ValueForm::kBound : ValueForm::kSql;
  std::vector<model::Row> rows;
  for (const connector::TableChanges& changes : segment.tables) {
    const model::Table& table = *changes.table;
    const StatementSink sink = sink_for(table);
    rows.clear();
    for (const auto& update : changes.updates) rows.push_back(update.after);
    GODWIT_RETURN_IF_ERROR(strict ? UpdateRows(connection_->flavour(), table, rows, sink, form)
                                  : WriteRows(WriteKind::kReplace, table, rows, sink, form));
    GODWIT_RETURN_IF_ERROR(WriteRows(strict ? WriteKind::kInsert : WriteKind::kReplace, table,
                                     changes.inserts, sink, form));
    GODWIT_RETURN_IF_ERROR(table.system_versioned ? WriteHistory(table, changes.ordered, sink)
                                                  : WriteOrdered(connection_->flavour(), table,
                                                                 changes.ordered, sink));
  }
  if (lane) GODWIT_RETURN_IF_ERROR(lane->Drain());
  return result;
}

base::Status MysqlApplier::Execute(const RowStatement& statement, const model::Table& table,
                                   bool strict, connector::ApplyResult& result) {
  base::Failpoint("apply.before_statement");
  base::StatusOr<ExecuteResult> executed =
      statement.bound ? connection_->ExecuteBound(statement.sql, *statement.bound)
                      : connection_->Execute(statement.sql);
  if (!executed.ok()) {
    if (connection_->last_error() != ER_DUP_ENTRY) return executed.status();
    return base::FailedPrecondition(
        "table {}: a row that the source inserted is on the target already: {}. Something else has "
        "written to the target, or a DDL of the source was not executed there (`godwit ddl` lists "
        "those): `godwit verify` lists the rows that differ; remove them, or copy anew with "
        "`godwit run --restart`",
        table.name.ToString(), executed.status().message());
  }
  ++result.statements;
  GODWIT_RETURN_IF_ERROR(CheckWarnings(table, executed->warnings, statement.expected_warnings));
  if (statement.counted_by_transaction) {
    uncounted_[table.name] += static_cast<int64_t>(executed->affected_rows) -
                              static_cast<int64_t>(statement.expected_affected);
    return base::OkStatus();
  }
  if (strict && executed->affected_rows != statement.expected_affected) {
    result.drifted_rows += Difference(executed->affected_rows, statement.expected_affected);
    if (result.drift.empty()) {
      result.drift =
          fmt::format("{}: {} rows changed where {} were expected, in a statement that begins: {}",
                      table.name.ToString(), executed->affected_rows, statement.expected_affected,
                      statement.sql.substr(0, 200));
    }
  }
  return base::OkStatus();
}

base::Status MysqlApplier::CheckWarnings(const model::Table& table, unsigned warnings,
                                         uint64_t expected) {
  if (warnings == std::min(expected, kMostWarnings)) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> shown, connection_->Query("SHOW WARNINGS"));
  uint64_t real = 0;
  std::string details;
  for (const ResultRow& row : shown) {
    if (IsAboutPartitions(row) || IsAboutWords(row[1].value_or(""))) continue;
    // What the target thinks of the statement for its own binlog; but a value that was cut is one
    // that it would not store.
    if (row[0] == "Note" && row[1] != std::to_string(WARN_DATA_TRUNCATED)) continue;
    if (++real <= 3) details += fmt::format("; {} ({})", row[2].value_or(""), row[1].value_or(""));
  }
  if (real == expected) return base::OkStatus();
  return base::FailedPrecondition(
      "table {}: the target would not store a value as the source has it{}; make the columns of "
      "the target hold what the source's hold",
      table.name.ToString(), details);
}

base::Status MysqlApplier::CheckCounts() {
  for (const auto& [name, difference] : std::exchange(uncounted_, {})) {
    if (difference == 0) continue;
    return base::FailedPrecondition(
        "table {}: the source deleted history of its rows, and the target would delete {} rows {}; "
        "the target's history is not the source's, or a part of it was deleted by partition: copy "
        "anew with `godwit run --restart`",
        name.ToString(), std::abs(difference), difference > 0 ? "more" : "less");
  }
  return base::OkStatus();
}

base::Status MysqlApplier::CommitPart(const model::Position& upto, int part, int parts) {
  GODWIT_RETURN_IF_ERROR(CheckCounts());
  GODWIT_RETURN_IF_ERROR(Begin());
  GODWIT_RETURN_IF_ERROR(store_->WritePart(*connection_, upto, part, parts));
  base::Failpoint("apply.before_part_commit");
  GODWIT_RETURN_IF_ERROR(CommitTransaction());
  base::Failpoint("apply.after_part_commit");
  return base::OkStatus();
}

base::Status MysqlApplier::Commit(const model::Position& position, int64_t commit_time_us) {
  GODWIT_RETURN_IF_ERROR(CheckCounts());
  GODWIT_RETURN_IF_ERROR(Begin());
  GODWIT_RETURN_IF_ERROR(store_->WriteApplied(*connection_, position, commit_time_us));
  base::Failpoint("apply.before_commit");
  GODWIT_RETURN_IF_ERROR(CommitTransaction());
  base::Failpoint("apply.after_commit");
  return base::OkStatus();
}

void MysqlApplier::Rollback() {
  uncounted_.clear();
  connection_->Execute("ROLLBACK").IgnoreError();
  in_transaction_ = false;
}

}  // namespace godwit::connectors::mysql
