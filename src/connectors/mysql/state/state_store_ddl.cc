// The part of StateStore that is about the DDL in hand.
#include "connector/kept_state.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/state/state_store.h"
#include "connectors/mysql/state/state_tables.h"

namespace godwit::connectors::mysql {
namespace {

using connector::DdlRecord;
using connector::DdlVerb;
using Step = connector::DdlStepStage;

}  // namespace

base::Status StateStore::LoadDecision(Connection& connection, connector::PendingDdl& ddl) const {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> decision,
                          Select(connection, connector::kDecisionColumns, "task_ddl_decision"));
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> steps,
      Select(connection, connector::kStepColumns, "task_ddl_step", " ORDER BY step"));
  connector::TakeDecision(decision, steps, ddl);
  return base::OkStatus();
}

std::string StateStore::ForgetSteps(bool done_too) const {
  return fmt::format(
      "DELETE FROM {}{}{}", Name("task_ddl_step"), Where(),
      done_too ? "" : fmt::format(" AND state <> {}", static_cast<int>(Step::kDone)));
}

std::string StateStore::AddStep(const std::string& statement) const {
  return fmt::format("INSERT INTO {0} SELECT {1}, COALESCE(MAX(step) + 1, 0), {2}, 0 FROM {0}{3}",
                     Name("task_ddl_step"), QuoteText(task_), QuoteText(statement), Where());
}

base::Status StateStore::BeginDdl(Connection& connection, const connector::PendingDdl& ddl) const {
  std::vector<std::string> statements = {
      fmt::format(
          "UPDATE {} SET ddl_statement = {}, ddl_schema = {}, ddl_position = {}, ddl_before = {}{}",
          Name("task"), QuoteText(ddl.statement), QuoteText(ddl.default_schema),
          QuoteText(ddl.position.text), QuoteText(ddl.before), Where()),
      "DELETE FROM " + Name("task_ddl_decision") + Where(), ForgetSteps(ddl.replaced == 0)};
  if (!ddl.waits_for.empty()) {
    statements.push_back(fmt::format("INSERT INTO {} VALUES ({}, {}, 0)", Name("task_ddl_decision"),
                                     QuoteText(task_), QuoteText(ddl.waits_for)));
  }
  for (size_t i = ddl.replaced; i < ddl.replacement.size(); ++i)
    statements.push_back(AddStep(ddl.replacement[i]));
  return Fenced(connection, statements, {});
}

base::Status StateStore::DecideDdl(Connection& connection, DdlVerb verb,
                                   const std::vector<std::string>& replacement) const {
  std::vector<std::string> statements = {
      fmt::format("UPDATE {} SET verb = {}{}", Name("task_ddl_decision"), static_cast<int>(verb),
                  Where()),
      ForgetSteps(false)};
  // After those that are done, if any.
  for (const std::string& statement : replacement) statements.push_back(AddStep(statement));
  return Fenced(connection, statements, {});
}

base::Status StateStore::BeginStep(Connection& connection, size_t step,
                                   const std::string& before) const {
  return Fenced(
      connection,
      {fmt::format("UPDATE {} SET ddl_before = {}{}", Name("task"), QuoteText(before), Where()),
       fmt::format("UPDATE {} SET state = {}{} AND step = {}", Name("task_ddl_step"),
                   static_cast<int>(Step::kBegun), Where(), step)},
      {});
}

base::Status StateStore::FinishStep(Connection& connection, size_t step) const {
  return Fenced(connection,
                {fmt::format("UPDATE {} SET state = {}{} AND step = {}", Name("task_ddl_step"),
                             static_cast<int>(Step::kDone), Where(), step)},
                {});
}

base::Status StateStore::FinishDdl(Connection& connection, const model::Position& applied,
                                   int64_t commit_us,
                                   const std::vector<connector::TableState>& tables,
                                   const std::optional<model::SchemaDefault>& schema,
                                   const std::optional<DdlRecord>& record) const {
  std::vector<std::string> statements = {
      fmt::format("UPDATE {} SET ddl_statement = NULL, ddl_before = '', applied = {}, "
                  "applied_commit_us = {}{}",
                  Name("task"), QuoteText(applied.text), commit_us, Where()),
      "DELETE FROM " + Name("task_ddl_decision") + Where(),
      "DELETE FROM " + Name("task_ddl_step") + Where()};
  if (schema) statements.push_back(PutSchema(*schema));
  if (record) {
    const std::string table = Name("task_ddl_record");
    statements.push_back(fmt::format(
        "INSERT INTO {} SELECT {}, COALESCE(MAX(number), 0) + 1, {}, {}, {}, {}, {}, {}, {} FROM "
        "{}{}",
        table, QuoteText(task_), static_cast<int>(record->outcome), QuoteText(record->tables),
        QuoteText(record->statement), QuoteText(record->position.text), QuoteText(record->instead),
        QuoteText(record->why), record->commit_time_us, table, Where()));
  }
  return Fenced(connection, statements, tables);
}

base::StatusOr<std::vector<DdlRecord>> StateStore::ReadDdlRecords(Connection& connection) const {
  std::vector<DdlRecord> records;
  GODWIT_ASSIGN_OR_RETURN(const std::optional<unsigned> format,
                          ReadStateFormat(connection, schema_));
  if (!format) return records;
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      Select(connection, connector::kDdlRecordColumns, "task_ddl_record", " ORDER BY number"));
  for (const ResultRow& row : rows) records.push_back(connector::ToDdlRecord(row));
  return records;
}

}  // namespace godwit::connectors::mysql
