// The part of StateStore that is about the DDL in hand.
#include "connector/kept_state.h"
#include "connectors/postgres/connection/bound_statement.h"
#include "connectors/postgres/state/state_store.h"
#include "connectors/postgres/state/state_tables.h"

namespace godwit::connectors::postgres {
namespace {

using connector::DdlRecord;
using connector::DdlVerb;
using Step = connector::DdlStepStage;

Step StepOf(const connector::PendingDdl& ddl, size_t number) {
  if (number < ddl.replaced) return Step::kDone;
  return number == ddl.replaced && ddl.step_begun ? Step::kBegun : Step::kWaiting;
}

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

base::Status StateStore::ForgetDecision(Connection& connection) const {
  for (std::string_view table : {"task_ddl_decision", "task_ddl_step"}) {
    GODWIT_RETURN_IF_ERROR(
        ExecuteBound(connection, fmt::format("DELETE FROM {} WHERE task = $1", Name(table)), task_)
            .status());
  }
  return base::OkStatus();
}

base::Status StateStore::BeginDdl(Connection& connection, const connector::PendingDdl& ddl) const {
  return Fenced(connection, [&]() -> base::Status {
    GODWIT_RETURN_IF_ERROR(
        ExecuteBound(connection,
                     fmt::format("UPDATE {} SET ddl_statement = $2, ddl_schema = $3, ddl_position "
                                 "= $4, ddl_before = $5 WHERE task = $1",
                                 Name("task")),
                     task_, ddl.statement, ddl.default_schema, ddl.position, ddl.before)
            .status());
    GODWIT_RETURN_IF_ERROR(ForgetDecision(connection));
    if (!ddl.waits_for.empty() || ddl.verb != DdlVerb::kNone) {
      GODWIT_RETURN_IF_ERROR(
          ExecuteBound(connection,
                       fmt::format("INSERT INTO {} (task, waits_for, verb) VALUES ($1, $2, $3)",
                                   Name("task_ddl_decision")),
                       task_, ddl.waits_for, ddl.verb)
              .status());
    }
    for (size_t i = 0; i < ddl.replacement.size(); ++i) {
      GODWIT_RETURN_IF_ERROR(
          ExecuteBound(
              connection,
              fmt::format("INSERT INTO {} (task, step, statement, state) VALUES ($1, $2, $3, $4)",
                          Name("task_ddl_step")),
              task_, i, ddl.replacement[i], StepOf(ddl, i))
              .status());
    }
    return base::OkStatus();
  });
}

base::Status StateStore::DecideDdl(Connection& connection, DdlVerb verb,
                                   const std::vector<std::string>& replacement) const {
  return Fenced(connection, [&]() -> base::Status {
    GODWIT_RETURN_IF_ERROR(ExecuteBound(connection,
                                        fmt::format("UPDATE {} SET verb = $2 WHERE task = $1",
                                                    Name("task_ddl_decision")),
                                        task_, verb)
                               .status());
    GODWIT_RETURN_IF_ERROR(
        ExecuteBound(
            connection,
            fmt::format("DELETE FROM {} WHERE task = $1 AND state <> $2", Name("task_ddl_step")),
            task_, Step::kDone)
            .status());
    // After those that are done, if any.
    for (const std::string& statement : replacement) {
      GODWIT_RETURN_IF_ERROR(
          ExecuteBound(
              connection,
              fmt::format("INSERT INTO {0} (task, step, statement, state) SELECT $1::text, "
                          "COALESCE(MAX(step) + 1, 0), $2::text, $3::smallint FROM {0} WHERE "
                          "task = $1::text",
                          Name("task_ddl_step")),
              task_, statement, Step::kWaiting)
              .status());
    }
    return base::OkStatus();
  });
}

base::Status StateStore::WriteDdlDone(Connection& connection, const model::Position& applied,
                                      int64_t commit_us,
                                      const std::vector<connector::TableState>& tables,
                                      const std::optional<DdlRecord>& record) const {
  GODWIT_ASSIGN_OR_RETURN(
      const uint64_t written,
      ExecuteBound(connection,
                   fmt::format("UPDATE {} SET ddl_statement = NULL, ddl_before = '', applied = $2, "
                               "applied_commit_us = $3 WHERE task = $1 AND epoch = $4",
                               Name("task")),
                   task_, applied, commit_us, epoch_.load()));
  if (written != 1) return Superseded();
  GODWIT_RETURN_IF_ERROR(ForgetDecision(connection));
  if (record) {
    GODWIT_RETURN_IF_ERROR(
        ExecuteBound(
            connection,
            fmt::format(
                "INSERT INTO {0} (task, number, outcome, table_names, statement, position, "
                "instead, "
                "why, commit_us) SELECT $1::text, COALESCE(MAX(number), 0) + 1, $2::smallint, "
                "$3::text, $4::text, $5::text, $6::text, $7::text, $8::bigint FROM {0} WHERE task "
                "= $1::text",
                Name("task_ddl_record")),
            task_, record->outcome, record->tables, record->statement, record->position,
            record->instead, record->why, record->commit_time_us)
            .status());
  }
  return WriteTables(connection, tables);
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

}  // namespace godwit::connectors::postgres
