#include "connectors/postgres/state/state_store.h"

#include "base/text.h"
#include "connector/kept_state.h"
#include "connector/renamed_columns.h"
#include "connectors/postgres/connection/bound_statement.h"
#include "connectors/postgres/state/state_tables.h"

namespace godwit::connectors::postgres {
namespace {

using connector::RangeState;
using connector::TableStage;
using connector::TableState;
using connector::TaskState;

uint64_t Number(const std::optional<std::string>& text) {
  return base::ParseInteger<uint64_t>(text.value_or("")).value_or(0);
}

// Of all 64 bits, which bigint has no room for but with a sign.
int64_t SameBits(uint64_t number) { return static_cast<int64_t>(number); }

}  // namespace

std::string StateStore::Name(std::string_view table) const { return StateTable(schema_, table); }

base::Status StateStore::Superseded() const { return connector::Superseded(task_, schema_); }

base::StatusOr<std::vector<ResultRow>> StateStore::Select(Connection& connection,
                                                          std::string_view columns,
                                                          std::string_view table,
                                                          std::string_view rest) const {
  return QueryBound(connection,
                    fmt::format("SELECT {} FROM {} WHERE task = $1{}", columns, Name(table), rest),
                    task_);
}

base::StatusOr<std::optional<TaskState>> StateStore::Load(Connection& connection) const {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<unsigned> format,
                          ReadStateFormat(connection, schema_));
  if (!format) return std::optional<TaskState>();
  const base::StatusOr<std::vector<ResultRow>> heads =
      Select(connection,
             fmt::format("{}, catalog_read, {}, {}", connector::kHeadColumns,
                         *format < kFormatWithRestarts ? "0" : "restarted",
                         *format < kFormatWithServers ? "''" : "server"),
             "task");
  if (IsGone(connection, heads.status())) return std::optional<TaskState>();
  GODWIT_RETURN_IF_ERROR(heads.status());
  if (heads->empty()) return std::optional<TaskState>();
  TaskState state = connector::ToTaskState(heads->front());
  if (state.pending_ddl) GODWIT_RETURN_IF_ERROR(LoadDecision(connection, *state.pending_ddl));
  GODWIT_RETURN_IF_ERROR(LoadSchemas(connection, state));
  GODWIT_RETURN_IF_ERROR(LoadOpenGroup(connection, state));
  GODWIT_RETURN_IF_ERROR(LoadTables(connection, state));
  return std::optional<TaskState>(std::move(state));
}

base::Status StateStore::LoadSchemas(Connection& connection, TaskState& state) const {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> schemas,
      Select(connection, connector::kSchemaColumns, "task_schema", " ORDER BY schema_name"));
  for (const ResultRow& row : schemas) state.schemas.push_back(connector::ToSchemaDefault(row));
  return base::OkStatus();
}

base::Status StateStore::LoadOpenGroup(Connection& connection, TaskState& state) const {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> parts,
      QueryBound(connection,
                 fmt::format("SELECT {}, division FROM {} WHERE task = $1 AND after_position = $2",
                             connector::kPartColumns, Name("task_part")),
                 task_, state.applied));
  state.open_group = connector::ToOpenGroup(parts);
  return base::OkStatus();
}

base::Status StateStore::LoadTables(Connection& connection, TaskState& state) const {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> tables,
                          Select(connection, connector::kTableColumns, "task_table",
                                 " ORDER BY schema_name, table_name"));
  for (const ResultRow& row : tables) state.tables.push_back(connector::ToTableState(row));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> ranges,
                          Select(connection, connector::kRangeColumns, "task_range",
                                 " ORDER BY schema_name, table_name, range_no"));
  return connector::TakeRanges(ranges, state);
}

// FOR KEY SHARE would not be in the way of Claim, which leaves the key as it is.
base::Status StateStore::HoldEpoch(Connection& connection) const {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                          Select(connection, "epoch", "task", " FOR SHARE"));
  return rows.size() == 1 && Number(rows[0][0]) == epoch_ ? base::OkStatus() : Superseded();
}

base::Status StateStore::WritePart(Connection& connection, const connector::OpenGroup& group,
                                   int part) const {
  GODWIT_ASSIGN_OR_RETURN(
      const uint64_t written,
      ExecuteBound(
          connection,
          fmt::format(
              "INSERT INTO {} (task, part, parts, after_position, upto, division) SELECT task, "
              "$2::integer, $3::integer, applied, $4::text, $5::bigint FROM {} WHERE task = $1 AND "
              "epoch = $6::bigint FOR SHARE ON CONFLICT (task, part) DO UPDATE SET parts = "
              "excluded.parts, after_position = excluded.after_position, upto = excluded.upto, "
              "division = excluded.division",
              Name("task_part"), Name("task")),
          task_, part, group.parts, group.upto, SameBits(group.division), epoch_.load()));
  return written == 1 ? base::OkStatus() : Superseded();
}

base::Status StateStore::WriteApplied(Connection& connection, const model::Position& applied,
                                      int64_t commit_us) const {
  GODWIT_ASSIGN_OR_RETURN(
      const uint64_t written,
      ExecuteBound(connection,
                   fmt::format("UPDATE {} SET applied = $2, applied_commit_us = $3 WHERE task = $1 "
                               "AND epoch = $4",
                               Name("task")),
                   task_, applied, commit_us, epoch_.load()));
  return written == 1 ? base::OkStatus() : Superseded();
}

base::Status StateStore::WriteTable(Connection& connection, const TableState& table) const {
  const std::string &schema = table.name.schema, &name = table.name.table;
  const auto forget = [&](std::string_view from) {
    return ExecuteBound(connection,
                        fmt::format("DELETE FROM {} WHERE task = $1 AND schema_name = $2 AND "
                                    "table_name = $3",
                                    Name(from)),
                        task_, schema, name)
        .status();
  };
  GODWIT_RETURN_IF_ERROR(forget("task_range"));
  if (table.stage == TableStage::kRemoved) return forget("task_table");
  GODWIT_RETURN_IF_ERROR(
      ExecuteBound(
          connection,
          fmt::format(
              "INSERT INTO {} (task, schema_name, table_name, stage, definition, low, high, "
              "unique_keys_deferred, kept, form, renamed_columns) VALUES ($1, $2, $3, $4, $5, $6, "
              "$7, $8, $9, $10, $11) ON CONFLICT (task, schema_name, table_name) DO UPDATE SET "
              "stage = excluded.stage, definition = excluded.definition, low = excluded.low, high "
              "= excluded.high, unique_keys_deferred = excluded.unique_keys_deferred, kept = "
              "excluded.kept, form = excluded.form, renamed_columns = excluded.renamed_columns",
              Name("task_table")),
          task_, schema, name, table.stage, table.definition, table.low, table.high,
          table.unique_keys_deferred, table.kept, table.form,
          connector::JoinRenames(table.renamed_columns))
          .status());
  int number = 0;
  for (const RangeState& range : table.ranges) {
    GODWIT_RETURN_IF_ERROR(
        ExecuteBound(connection,
                     fmt::format("INSERT INTO {} (task, schema_name, table_name, range_no, "
                                 "after_key, upto_key, cursor_key, done, row_count, byte_count, "
                                 "low, high) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
                                 "$11, $12)",
                                 Name("task_range")),
                     task_, schema, name, number++, range.range.after, range.range.upto,
                     range.cursor, range.done, range.rows, range.bytes, range.low, range.high)
            .status());
  }
  return base::OkStatus();
}

base::Status StateStore::WriteTables(Connection& connection,
                                     const std::vector<TableState>& tables) const {
  for (const TableState& table : tables) GODWIT_RETURN_IF_ERROR(WriteTable(connection, table));
  return base::OkStatus();
}

base::Status StateStore::Fenced(Connection& connection,
                                const std::function<base::Status()>& write) const {
  return InTransaction(connection, [&]() -> base::Status {
    GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                            Select(connection, "epoch", "task", " FOR UPDATE"));
    if (rows.size() != 1 || Number(rows[0][0]) != epoch_) return Superseded();
    return write();
  });
}

base::Status StateStore::SaveHead(Connection& connection, const TaskState& state) const {
  return Fenced(connection, [&]() -> base::Status {
    GODWIT_RETURN_IF_ERROR(
        ExecuteBound(connection,
                     fmt::format("UPDATE {} SET phase = $2, t0 = $3, applied = $4, "
                                 "applied_commit_us = $5, copy_end = $6, catalog_read = $7, "
                                 "restarted = $8, server = $9, ddl_statement = NULL WHERE task = "
                                 "$1",
                                 Name("task")),
                     task_, state.phase, state.t0, state.applied, state.applied_commit_us,
                     state.copy_end, state.catalog_read, state.restarted, state.server)
            .status());
    std::vector<std::string_view> emptied = {"task_part", "task_schema"};
    // Begun anew.
    if (state.phase == connector::TaskPhase::kPreparing) emptied.emplace_back("task_ddl_record");
    for (std::string_view table : emptied) {
      GODWIT_RETURN_IF_ERROR(
          ExecuteBound(connection, fmt::format("DELETE FROM {} WHERE task = $1", Name(table)),
                       task_)
              .status());
    }
    for (const model::SchemaDefault& schema : state.schemas) {
      if (schema.charset.empty()) continue;  // there is no such database
      GODWIT_RETURN_IF_ERROR(
          ExecuteBound(connection,
                       fmt::format("INSERT INTO {} (task, schema_name, charset, collation_name) "
                                   "VALUES ($1, $2, $3, $4)",
                                   Name("task_schema")),
                       task_, schema.schema, schema.charset, schema.collation)
              .status());
    }
    return base::OkStatus();
  });
}

base::Status StateStore::SaveServer(Connection& connection, const TaskState& state) const {
  return Fenced(connection, [&]() -> base::Status {
    GODWIT_RETURN_IF_ERROR(
        ExecuteBound(connection,
                     fmt::format("UPDATE {} SET server = $2, t0 = $3, applied = $4, copy_end = $5, "
                                 "catalog_read = $6{} WHERE task = $1",
                                 Name("task"), state.pending_ddl ? "" : ", ddl_statement = NULL"),
                     task_, state.server, state.t0, state.applied, state.copy_end,
                     state.catalog_read)
            .status());
    return WriteTables(connection, state.tables);
  });
}

base::Status StateStore::SaveTables(Connection& connection,
                                    const std::vector<TableState>& tables) const {
  return Fenced(connection, [&] { return WriteTables(connection, tables); });
}

base::Status StateStore::WriteChunkRecord(Connection& connection,
                                          const connector::ChunkRecord& record) const {
  const connector::ChunkEnd& end = record.end;
  GODWIT_ASSIGN_OR_RETURN(
      const uint64_t written,
      ExecuteBound(
          connection,
          fmt::format(
              "UPDATE {} SET cursor_key = COALESCE(NULLIF($5::text, ''), cursor_key), done = $6, "
              "row_count = row_count + $7::bigint, byte_count = byte_count + $8::bigint, low = "
              "COALESCE(NULLIF(low, ''), $9::text), high = $10 WHERE task = $1 AND schema_name = "
              "$2 AND table_name = $3 AND range_no = $4",
              Name("task_range")),
          task_, record.table.schema, record.table.table, record.range, end.cursor,
          end.outcome == connector::ChunkOutcome::kRangeDone, end.rows, end.bytes, end.low,
          end.high));
  if (written == 1) return base::OkStatus();
  return base::Aborted("{}: range {} is not in the task's state any more", record.table.ToString(),
                       record.range);
}

}  // namespace godwit::connectors::postgres
