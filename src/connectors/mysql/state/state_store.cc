#include "connectors/mysql/state/state_store.h"

#include "base/text.h"
#include "connector/kept_state.h"
#include "connector/renamed_columns.h"
#include "connectors/mysql/literal.h"
#include "connectors/mysql/state/state_tables.h"

namespace godwit::connectors::mysql {
namespace {

using connector::RangeState;
using connector::TableState;
using connector::TaskState;

uint64_t Number(const std::optional<std::string>& text) {
  return base::ParseInteger<uint64_t>(text.value_or("")).value_or(0);
}

std::string Text(const model::Position& position) { return QuoteText(position.text); }

}  // namespace

std::string StateStore::Name(std::string_view table) const {
  return QuoteName({schema_, std::string(table)});
}
std::string StateStore::Where() const { return " WHERE task = " + QuoteText(task_); }

base::Status StateStore::Superseded() const { return connector::Superseded(task_, schema_); }

base::StatusOr<std::vector<ResultRow>> StateStore::Select(Connection& connection,
                                                          std::string_view columns,
                                                          std::string_view table,
                                                          std::string_view rest) const {
  return connection.Query(
      fmt::format("SELECT {} FROM {}{}{}", columns, Name(table), Where(), rest));
}

base::StatusOr<std::optional<TaskState>> StateStore::Load(Connection& connection) const {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<unsigned> format,
                          ReadStateFormat(connection, schema_));
  if (!format) return std::optional<TaskState>();
  const auto heads = Select(
      connection,
      fmt::format("{}, {}, {}, {}", connector::kHeadColumns, *format < 2 ? "''" : "catalog_read",
                  *format < kFormatWithRestarts ? "0" : "restarted",
                  *format < kFormatWithServers ? "''" : "server"),
      "task");
  if (IsGone(connection, heads.status())) return std::optional<TaskState>();
  GODWIT_RETURN_IF_ERROR(heads.status());
  if (heads->empty()) return std::optional<TaskState>();
  TaskState state = connector::ToTaskState(heads->front());
  if (state.pending_ddl) GODWIT_RETURN_IF_ERROR(LoadDecision(connection, *state.pending_ddl));
  if (*format >= 2) GODWIT_RETURN_IF_ERROR(LoadSchemas(connection, state));
  GODWIT_RETURN_IF_ERROR(LoadOpenGroup(connection, *format, state));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> tables,
                          Select(connection, connector::kTableColumns, "task_table",
                                 " ORDER BY schema_name, table_name"));
  for (const ResultRow& row : tables) state.tables.push_back(connector::ToTableState(row));
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> ranges,
                          Select(connection, connector::kRangeColumns, "task_range",
                                 " ORDER BY schema_name, table_name, range_no"));
  GODWIT_RETURN_IF_ERROR(connector::TakeRanges(ranges, state));
  return std::optional<TaskState>(std::move(state));
}

base::Status StateStore::LoadSchemas(Connection& connection, TaskState& state) const {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> schemas,
      Select(connection, connector::kSchemaColumns, "task_schema", " ORDER BY schema_name"));
  for (const ResultRow& row : schemas) state.schemas.push_back(connector::ToSchemaDefault(row));
  return base::OkStatus();
}

std::string StateStore::PutSchema(const model::SchemaDefault& schema) const {
  if (schema.charset.empty()) {
    return fmt::format("DELETE FROM {}{} AND schema_name = {}", Name("task_schema"), Where(),
                       QuoteText(schema.schema));
  }
  return fmt::format("REPLACE INTO {} VALUES ({}, {}, {}, {})", Name("task_schema"),
                     QuoteText(task_), QuoteText(schema.schema), QuoteText(schema.charset),
                     QuoteText(schema.collation));
}

base::Status StateStore::LoadOpenGroup(Connection& connection, unsigned format,
                                       TaskState& state) const {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> parts,
      Select(connection,
             fmt::format("{}, {}", connector::kPartColumns, format == 0 ? "0" : "division"),
             "task_part", " AND after_position = " + Text(state.applied)));
  state.open_group = connector::ToOpenGroup(parts);
  return base::OkStatus();
}

std::string StateStore::LockName(std::string_view purpose) const {
  return fmt::format("SHA2({}, 256)",
                     QuoteText(fmt::format("godwit:{}:{}:{}", schema_, task_, purpose)));
}

// Names of tables are shorter than those of tasks may be (FNV-1a).
model::TableName StateStore::MarkName(std::string_view when) const {
  uint64_t hash = 14695981039346656037u;
  for (char c : task_) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return {schema_, fmt::format("mark_{}_{:016x}", when, hash)};
}

base::Status StateStore::HoldEpoch(Connection& connection) const {
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows,
                          Select(connection, "epoch", "task", " LOCK IN SHARE MODE"));
  return rows.size() == 1 && Number(rows[0][0]) == epoch_ ? base::OkStatus() : Superseded();
}

base::Status StateStore::WritePart(Connection& connection, const connector::OpenGroup& group,
                                   int part) const {
  GODWIT_ASSIGN_OR_RETURN(
      ExecuteResult result,
      connection.Execute(fmt::format(
          "REPLACE INTO {} (task, part, parts, after_position, upto, division) SELECT task, {}, "
          "{}, applied, {}, {} FROM {}{} AND epoch = {} LOCK IN SHARE MODE",
          Name("task_part"), part, group.parts, Text(group.upto), group.division, Name("task"),
          Where(), epoch_.load())));
  return result.affected_rows > 0 ? base::OkStatus() : Superseded();
}

base::Status StateStore::WriteApplied(Connection& connection, const model::Position& applied,
                                      int64_t commit_us) const {
  GODWIT_ASSIGN_OR_RETURN(ExecuteResult result,
                          connection.Execute(fmt::format(
                              "UPDATE {} SET applied = {}, applied_commit_us = {}{} AND epoch = {}",
                              Name("task"), Text(applied), commit_us, Where(), epoch_.load())));
  // Where nothing changed, the position is the one that stands there: ask for the epoch itself.
  return result.affected_rows == 1 ? base::OkStatus() : HoldEpoch(connection);
}

base::Status StateStore::WriteTables(Connection& connection,
                                     const std::vector<TableState>& tables) const {
  for (const TableState& table : tables) {
    const std::string key = fmt::format("{}, {}, {}", QuoteText(task_),
                                        QuoteText(table.name.schema), QuoteText(table.name.table));
    // Compared as one row value, (a, b) = (1, 2), the server would read the whole table for it.
    const std::string where =
        fmt::format("{} AND schema_name = {} AND table_name = {}", Where(),
                    QuoteText(table.name.schema), QuoteText(table.name.table));
    if (table.stage == connector::TableStage::kRemoved) {
      for (std::string_view from : {"task_range", "task_table"}) {
        GODWIT_RETURN_IF_ERROR(
            connection.Execute(fmt::format("DELETE FROM {}{}", Name(from), where)).status());
      }
      continue;
    }
    GODWIT_RETURN_IF_ERROR(
        connection
            .Execute(fmt::format("REPLACE INTO {} VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {})",
                                 Name("task_table"), key, static_cast<int>(table.stage),
                                 QuoteText(table.definition), Text(table.low), Text(table.high),
                                 table.unique_keys_deferred ? 1 : 0, table.kept ? 1 : 0,
                                 static_cast<int>(table.form),
                                 QuoteText(connector::JoinRenames(table.renamed_columns))))
            .status());
    GODWIT_RETURN_IF_ERROR(
        connection.Execute(fmt::format("DELETE FROM {}{}", Name("task_range"), where)).status());
    int number = 0;
    for (const RangeState& range : table.ranges) {
      GODWIT_RETURN_IF_ERROR(
          connection
              .Execute(fmt::format("INSERT INTO {} VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
                                   Name("task_range"), key, number++, QuoteText(range.range.after),
                                   QuoteText(range.range.upto), QuoteText(range.cursor),
                                   range.done ? 1 : 0, range.rows, range.bytes, Text(range.low),
                                   Text(range.high)))
              .status());
    }
  }
  return base::OkStatus();
}

base::Status StateStore::Fenced(Connection& connection, const std::vector<std::string>& statements,
                                const std::vector<TableState>& tables) const {
  auto write = [&]() -> base::Status {
    GODWIT_RETURN_IF_ERROR(connection.Execute("START TRANSACTION").status());
    GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows,
                            Select(connection, "epoch", "task", " FOR UPDATE"));
    if (rows.size() != 1 || Number(rows[0][0]) != epoch_) return Superseded();
    for (const std::string& statement : statements)
      GODWIT_RETURN_IF_ERROR(connection.Execute(statement).status());
    GODWIT_RETURN_IF_ERROR(WriteTables(connection, tables));
    return connection.Execute("COMMIT").status();
  };
  base::Status status = write();
  if (!status.ok()) connection.Execute("ROLLBACK").IgnoreError();
  return status;
}

base::Status StateStore::SaveHead(Connection& connection, const TaskState& state) const {
  std::vector<std::string> statements = {
      fmt::format("UPDATE {} SET phase = {}, t0 = {}, applied = {}, applied_commit_us = {}, "
                  "copy_end = {}, catalog_read = {}, restarted = {}, server = {}, "
                  "ddl_statement = NULL{}",
                  Name("task"), static_cast<int>(state.phase), Text(state.t0), Text(state.applied),
                  state.applied_commit_us, Text(state.copy_end), Text(state.catalog_read),
                  state.restarted, QuoteText(state.server), Where()),
      "DELETE FROM " + Name("task_part") + Where(), "DELETE FROM " + Name("task_schema") + Where()};
  for (const model::SchemaDefault& schema : state.schemas) statements.push_back(PutSchema(schema));
  if (state.phase == connector::TaskPhase::kPreparing)  // begun anew
    statements.push_back("DELETE FROM " + Name("task_ddl_record") + Where());
  return Fenced(connection, statements, {});
}

base::Status StateStore::SaveServer(Connection& connection, const TaskState& state) const {
  const std::string head = fmt::format(
      "UPDATE {} SET server = {}, t0 = {}, applied = {}, copy_end = {}, catalog_read = {}{}{}",
      Name("task"), QuoteText(state.server), Text(state.t0), Text(state.applied),
      Text(state.copy_end), Text(state.catalog_read),
      state.pending_ddl ? "" : ", ddl_statement = NULL", Where());
  return Fenced(connection, {head}, state.tables);
}

base::Status StateStore::SaveTables(Connection& connection,
                                    const std::vector<TableState>& tables) const {
  return Fenced(connection, {}, tables);
}

base::Status StateStore::WriteChunkRecord(Connection& connection,
                                          const connector::ChunkRecord& record) const {
  const connector::ChunkEnd& end = record.end;
  GODWIT_ASSIGN_OR_RETURN(
      ExecuteResult result,
      connection.Execute(fmt::format(
          "UPDATE {} SET cursor_key = IF({} = '', cursor_key, {}), done = {}, row_count = "
          "row_count + {}, "
          "byte_count = byte_count + {}, low = IF(low = '', {}, low), high = {}{} AND schema_name "
          "= {} AND table_name = {} "
          "AND range_no = {}",
          Name("task_range"), QuoteText(end.cursor), QuoteText(end.cursor),
          end.outcome == connector::ChunkOutcome::kRangeDone ? 1 : 0, end.rows, end.bytes,
          Text(end.low), Text(end.high), Where(), QuoteText(record.table.schema),
          QuoteText(record.table.table), record.range)));
  if (result.affected_rows == 1) return base::OkStatus();
  return base::Aborted("{}: range {} is not in the task's state any more", record.table.ToString(),
                       record.range);
}

}  // namespace godwit::connectors::mysql
