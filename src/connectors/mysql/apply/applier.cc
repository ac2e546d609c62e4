#include "connectors/mysql/apply/applier.h"

#include <mysqld_error.h>

#include <algorithm>

#include "base/failpoint.h"
#include "base/text.h"
#include "connectors/mysql/apply/cascade.h"
#include "connectors/mysql/apply/history_statements.h"
#include "connectors/mysql/apply/making_way.h"
#include "connectors/mysql/apply/partial_statements.h"
#include "connectors/mysql/apply/statement_lane.h"
#include "connectors/mysql/apply/warnings.h"
#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

// More rows than fit into one statement or two.
constexpr size_t kLeastRowsOfLane = 1000;

size_t RowsOf(const connector::ChangeSegment& segment) {
  size_t rows = 0;
  for (const connector::TableChanges& table : segment.tables) {
    rows += table.deletes.size() + table.updates.size() + table.inserts.size() +
            table.ordered.size() + table.claims.size() + table.partial_updates.size();
  }
  return rows;
}

ExpectedWarnings ExpectedOf(const RowStatement& statement) {
  return {statement.expected_warnings, statement.takes_defaults};
}

uint64_t Difference(uint64_t a, uint64_t b) { return a > b ? a - b : b - a; }

// The number after `name` in what the server says of a statement.
uint64_t CountIn(std::string_view info, std::string_view name) {
  const size_t at = info.find(name);
  if (at == std::string_view::npos) return 0;
  info.remove_prefix(at + name.size());
  return base::ParseInteger<uint64_t>(info.substr(0, info.find(' '))).value_or(0);
}

// Of "Rows matched: 1  Changed: 0  Warnings: 0".
uint64_t FoundRows(std::string_view info) { return CountIn(info, "Rows matched: "); }

// How many of the rows of an INSERT ... ON DUPLICATE KEY UPDATE were there. Of "Records: 3
// Duplicates: 2  Warnings: 0" the second number is of those that were changed, each of which counts
// twice among the affected ones, and a new row once; of a single row nothing is said.
uint64_t RowsThere(const ExecuteResult& result, uint64_t rows) {
  const uint64_t changed = CountIn(result.info, "Duplicates: ");
  const uint64_t made = result.info.empty() ? result.affected_rows % 2
                                            : Difference(result.affected_rows, 2 * changed);
  return rows - std::min(rows, made);
}

std::vector<model::Row> AfterRows(const std::vector<connector::TableChanges::Update>& updates) {
  std::vector<model::Row> rows;
  rows.reserve(updates.size());
  for (const auto& update : updates) rows.push_back(update.after);
  return rows;
}

}  // namespace

base::StatusOr<std::unique_ptr<MysqlApplier>> MysqlApplier::Open(
    const config::Endpoint& endpoint, const StateStore* store,
    std::shared_ptr<connector::ValueRules> rules, bool others) {
  GODWIT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                          store->Open(endpoint, Connection::Text::kBinary));
  GODWIT_RETURN_IF_ERROR(connection->AllowSeveralStatements());
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
  return std::unique_ptr<MysqlApplier>(
      new MysqlApplier(std::move(connection), store, std::move(rules)));
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

// TRUNCATE would commit. Which rows are those of a partition of the source's a view of its name
// says.
base::Status MysqlApplier::Empty(const connector::Truncation& truncation) {
  const auto& [table, partition] = truncation;
  if (partition.table.empty())
    return connection_->Execute("DELETE FROM " + QuoteName(table->name)).status();
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> views,
      connection_->Query(fmt::format("SELECT 1 FROM information_schema.VIEWS WHERE TABLE_SCHEMA = "
                                     "{} AND TABLE_NAME = {}",
                                     QuoteText(partition.schema), QuoteText(partition.table))));
  if (!views.empty()) return connection_->Execute("DELETE FROM " + QuoteName(partition)).status();
  return base::FailedPrecondition(
      "table {}: the source has emptied its partition {}, and the target has the rows of all "
      "partitions in one table. Make a view of the rows that go, by which they are deleted, and "
      "run again: CREATE VIEW {} AS SELECT * FROM {} WHERE ...; or copy anew with `godwit run "
      "--restart`",
      table->name.ToString(), partition.ToString(), QuoteName(partition), QuoteName(table->name));
}

base::StatusOr<connector::ApplyResult> MysqlApplier::Apply(const connector::ChangeSegment& segment,
                                                           connector::ApplyMode mode) {
  connector::ApplyResult result;
  const bool strict = mode == connector::ApplyMode::kStrict;
  GODWIT_RETURN_IF_ERROR(Begin());
  for (const connector::Truncation& truncation : segment.truncated)
    GODWIT_RETURN_IF_ERROR(Empty(truncation));
  for (const connector::Cascade& cascade : segment.cascades) {
    GODWIT_RETURN_IF_ERROR(ApplyCascade(*connection_, cascade, *segment.graph));
  }
  GODWIT_ASSIGN_OR_RETURN(std::vector<PostgresChanges> tables, ChangesHere(segment.tables));
  // Where there is little to write, a thread for it would cost more than it gains.
  std::optional<StatementLane> lane;
  if (RowsOf(segment) >= kLeastRowsOfLane) {
    lane.emplace([&](const RowStatement& statement, const model::Table& table) {
      return Execute(statement, table, strict, result);
    });
  }
  const auto sink_for = [&](const model::Table& table, const std::shared_ptr<const void>& memory) {
    return [&, memory](const RowStatement& statement) {
      if (!lane) return Execute(statement, table, strict, result);
      if (memory == nullptr || statement.bound == nullptr) return lane->Put(statement, table);
      RowStatement holding = statement;
      holding.memory = memory;
      return lane->Put(holding, table);
    };
  };
  const sql::Flavour target = connection_->flavour();
  for (PostgresChanges& changes : tables) {
    const model::Table& table = changes.table();
    const auto remove = [&](const connector::TableChanges& piece,
                            const std::shared_ptr<const void>& memory) {
      return DeleteRows(target, table, piece.deletes, sink_for(table, memory));
    };
    GODWIT_RETURN_IF_ERROR(changes.Deletes(remove));
    if (MakesWayByHand(table, strict)) GODWIT_RETURN_IF_ERROR(changes.UpdatedAsDeletes(remove));
  }
  for (PostgresChanges& changes : tables) {
    GODWIT_RETURN_IF_ERROR(changes.Others(
        [&](const connector::TableChanges& piece, const std::shared_ptr<const void>& memory) {
          return Write(piece, strict, sink_for(changes.table(), memory));
        }));
  }
  if (lane) GODWIT_RETURN_IF_ERROR(lane->Drain());
  return result;
}

base::StatusOr<std::vector<PostgresChanges>> MysqlApplier::ChangesHere(
    const std::vector<connector::TableChanges>& tables) {
  std::vector<PostgresChanges> here;
  here.reserve(tables.size());
  for (const connector::TableChanges& changes : tables) {
    std::shared_ptr<PostgresRows> rows;
    if (changes.table->cells_are_text) {
      GODWIT_ASSIGN_OR_RETURN(rows, postgres_.RowsOf(*connection_, changes.table));
    }
    here.emplace_back(changes, std::move(rows));
  }
  return here;
}

base::Status MysqlApplier::Write(const connector::TableChanges& changes, bool strict,
                                 const StatementSink& sink) {
  const sql::Flavour target = connection_->flavour();
  const ValueForm form = connection_->takes_bound_rows() ? ValueForm::kBound : ValueForm::kSql;
  const model::Table& table = *changes.table;
  if (changes.partial) {
    const PartialKind kind =
        changes.unique_keys_wait ? PartialKind::kFreeClaims : PartialKind::kClaims;
    GODWIT_RETURN_IF_ERROR(UpdatePartialRows(kind, target, table, changes.claims, sink));
    GODWIT_RETURN_IF_ERROR(
        UpdatePartialRows(PartialKind::kRest, target, table, changes.partial_updates, sink));
  }
  const bool by_hand = MakesWayByHand(table, strict);
  const WriteKind kind = strict || by_hand ? WriteKind::kInsert : WriteKind::kReplace;
  const std::vector<model::Row> updated =
      strict ? std::vector<model::Row>() : AfterRows(changes.updates);
  if (by_hand) {
    // Not before the claims, which leave identities and values that others get.
    GODWIT_RETURN_IF_ERROR(DeleteRows(target, table, changes.inserts, sink));
    GODWIT_RETURN_IF_ERROR(DeleteHoldersOfOwnKeys(target, table, updated, sink));
    GODWIT_RETURN_IF_ERROR(DeleteHoldersOfOwnKeys(target, table, changes.inserts, sink));
  }
  if (!strict) {
    GODWIT_RETURN_IF_ERROR(WriteRows(kind, table, updated, sink, form));
  } else if (table.target_has_keys) {
    // Found by no other key than the identity.
    GODWIT_RETURN_IF_ERROR(
        UpdatePartialRows(PartialKind::kRest, target, table, changes.updates, sink));
  } else {
    GODWIT_RETURN_IF_ERROR(UpdateRows(target, table, AfterRows(changes.updates), sink, form));
  }
  GODWIT_RETURN_IF_ERROR(changes.partial ? WritePartialRows(kind, table, changes.inserts, sink)
                                         : WriteRows(kind, table, changes.inserts, sink, form));
  return table.system_versioned
             ? WriteHistory(table, changes.ordered, sink)
             : WriteOrdered(target, table, changes.ordered, changes.partial, sink);
}

base::Status MysqlApplier::Execute(const RowStatement& statement, const model::Table& table,
                                   bool strict, connector::ApplyResult& result) {
  base::Failpoint("apply.before_statement");
  uint64_t count = 0;
  if (statement.count == RowStatement::Count::kFound) {
    GODWIT_ASSIGN_OR_RETURN(count, ExecuteParts(statement, table, strict));
    ++result.statements;
  } else {
    base::StatusOr<ExecuteResult> executed =
        statement.bound ? connection_->ExecuteBound(statement.sql, *statement.bound)
                        : connection_->Execute(statement.sql);
    if (!executed.ok()) return Failure(executed.status(), statement, table, strict);
    ++result.statements;
    GODWIT_RETURN_IF_ERROR(
        CheckWarnings(*connection_, table, executed->warnings, ExpectedOf(statement)));
    count = statement.count == RowStatement::Count::kThere ? RowsThere(*executed, statement.rows)
                                                           : executed->affected_rows;
  }
  if (statement.count == RowStatement::Count::kByTransaction) {
    uncounted_[table.name] +=
        static_cast<int64_t>(count) - static_cast<int64_t>(statement.expected_affected);
    return base::OkStatus();
  }
  if (count == statement.expected_affected) return base::OkStatus();
  if (!strict) return statement.must_be_found ? LostToAnother(table) : base::OkStatus();
  result.drifted_rows += Difference(count, statement.expected_affected);
  if (result.drift.empty()) {
    result.drift = fmt::format(
        "{}: {} rows changed where {} were expected, in a statement that begins: {}",
        table.name.ToString(), count, statement.expected_affected, statement.sql.substr(0, 200));
  }
  return base::OkStatus();
}

base::StatusOr<uint64_t> MysqlApplier::ExecuteParts(const RowStatement& statement,
                                                    const model::Table& table, bool strict) {
  base::StatusOr<std::vector<ExecuteResult>> results = connection_->ExecuteAll(statement.sql);
  if (!results.ok()) return Failure(results.status(), statement, table, strict);
  uint64_t found = 0;
  for (size_t i = 0; i < results->size(); ++i) {
    const ExecuteResult& result = (*results)[i];
    found += FoundRows(result.info);
    unsigned warnings = result.warnings;
    if (warnings == statement.expected_warnings) continue;
    if (results->size() > 1) {
      // What the warnings are about only the last statement tells: the same again, with nothing
      // left to change.
      const size_t begin = statement.parts[i];
      const size_t end =
          i + 1 < statement.parts.size() ? statement.parts[i + 1] - 1 : statement.sql.size();
      GODWIT_ASSIGN_OR_RETURN(
          const ExecuteResult again,
          connection_->Execute(std::string_view(statement.sql).substr(begin, end - begin)));
      warnings = again.warnings;
    }
    GODWIT_RETURN_IF_ERROR(CheckWarnings(*connection_, table, warnings, ExpectedOf(statement)));
  }
  return found;
}

base::Status MysqlApplier::Failure(const base::Status& failed, const RowStatement& statement,
                                   const model::Table& table, bool strict) const {
  if (connection_->last_error() != ER_DUP_ENTRY) return failed;
  return RowInTheWay(std::string(failed.message()), table, !strict && statement.must_be_found);
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

base::Status MysqlApplier::CommitPart(const connector::OpenGroup& group, int part) {
  GODWIT_RETURN_IF_ERROR(CheckCounts());
  GODWIT_RETURN_IF_ERROR(Begin());
  GODWIT_RETURN_IF_ERROR(store_->WritePart(*connection_, group, part));
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
