#include "connectors/mysql/state/state_tables.h"

#include <mysqld_error.h>

#include "base/failpoint.h"
#include "base/text.h"
#include "connectors/mysql/check/grants.h"
#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

// Names of tables are compared byte by byte; keys and statements are kept as they are.
constexpr std::string_view kTask =
    "(task VARCHAR(64) NOT NULL PRIMARY KEY, epoch BIGINT UNSIGNED NOT NULL, generation BIGINT "
    "UNSIGNED NOT NULL DEFAULT 0, restarted BIGINT UNSIGNED NOT NULL DEFAULT 0, phase TINYINT "
    "UNSIGNED NOT NULL DEFAULT 0, "
    "server VARCHAR(255) NOT NULL DEFAULT '',"
    " t0 MEDIUMTEXT NOT NULL DEFAULT (''), applied MEDIUMTEXT NOT NULL DEFAULT (''), "
    "applied_commit_us BIGINT "
    "NOT "
    "NULL DEFAULT 0,"
    " copy_end MEDIUMTEXT NOT NULL DEFAULT (''), catalog_read MEDIUMTEXT NOT NULL DEFAULT (''), "
    "ddl_statement LONGTEXT NULL, ddl_schema "
    "VARCHAR(64) NOT "
    "NULL DEFAULT (''),"
    " ddl_position MEDIUMTEXT NOT NULL DEFAULT (''), ddl_before LONGTEXT NOT NULL DEFAULT (''))";
constexpr std::string_view kTaskSchema =
    "(task VARCHAR(64) NOT NULL, schema_name VARCHAR(64) NOT NULL, charset VARCHAR(64) NOT NULL, "
    "collation_name VARCHAR(64) NOT NULL, PRIMARY KEY (task, schema_name))";
constexpr std::string_view kTaskTable =
    "(task VARCHAR(64) NOT NULL, schema_name VARCHAR(64) NOT NULL, table_name VARCHAR(64) NOT NULL,"
    " stage TINYINT UNSIGNED NOT NULL, definition LONGTEXT NOT NULL, low MEDIUMTEXT NOT NULL, high "
    "MEDIUMTEXT "
    "NOT NULL,"
    " unique_keys_deferred BOOL NOT NULL, kept BOOL NOT NULL, form TINYINT UNSIGNED NOT NULL, "
    "renamed_columns LONGTEXT NOT NULL, PRIMARY KEY (task, schema_name, table_name))";
constexpr std::string_view kTaskRange =
    "(task VARCHAR(64) NOT NULL, schema_name VARCHAR(64) NOT NULL, table_name VARCHAR(64) NOT "
    "NULL, range_no INT NOT NULL,"
    " after_key LONGTEXT NOT NULL, upto_key LONGTEXT NOT NULL, cursor_key LONGTEXT NOT NULL, done "
    "BOOL NOT NULL,"
    " row_count BIGINT UNSIGNED NOT NULL, byte_count BIGINT UNSIGNED NOT NULL, low MEDIUMTEXT NOT "
    "NULL, "
    "high MEDIUMTEXT NOT NULL,"
    " PRIMARY KEY (task, schema_name, table_name, range_no))";
// A part counts as long as the checkpoint is the one that it was written after.
constexpr std::string_view kTaskPart =
    "(task VARCHAR(64) NOT NULL, part INT NOT NULL, parts INT NOT NULL, after_position MEDIUMTEXT "
    "NOT "
    "NULL, upto MEDIUMTEXT NOT NULL, division BIGINT UNSIGNED NOT NULL, PRIMARY KEY (task, part))";

// Who holds the task's lock.
constexpr std::string_view kTaskHolder =
    "(task VARCHAR(64) NOT NULL PRIMARY KEY, connection_id BIGINT UNSIGNED NOT NULL, host "
    "VARCHAR(255) NOT NULL, machine VARCHAR(255) NOT NULL, pid BIGINT NOT NULL, started BIGINT "
    "UNSIGNED NOT NULL)";

// There while the DDL of `task` is not to be executed before the operator has decided.
constexpr std::string_view kDecision =
    "(task VARCHAR(64) NOT NULL PRIMARY KEY, waits_for LONGTEXT NOT NULL, verb TINYINT UNSIGNED "
    "NOT NULL)";
constexpr std::string_view kStep =
    "(task VARCHAR(64) NOT NULL, step INT NOT NULL, statement LONGTEXT NOT NULL, state TINYINT "
    "UNSIGNED NOT NULL, PRIMARY KEY (task, step))";
constexpr std::string_view kRecord =
    "(task VARCHAR(64) NOT NULL, number BIGINT UNSIGNED NOT NULL, outcome TINYINT UNSIGNED NOT "
    "NULL, table_names LONGTEXT NOT NULL, statement LONGTEXT NOT NULL, position TEXT NOT NULL, "
    "instead LONGTEXT NOT NULL, why LONGTEXT NOT NULL, commit_us BIGINT NOT NULL, PRIMARY KEY "
    "(task, number))";

// Made last: where it is, all others are.
constexpr std::string_view kFormat =
    "(one TINYINT UNSIGNED NOT NULL PRIMARY KEY, version INT UNSIGNED NOT NULL)";

struct StateTable {
  std::string_view name, columns;
};
constexpr StateTable kTables[] = {{"task", kTask},
                                  {"task_schema", kTaskSchema},
                                  {"task_table", kTaskTable},
                                  {"task_range", kTaskRange},
                                  {"task_part", kTaskPart},
                                  {"task_holder", kTaskHolder},
                                  {"task_ddl_decision", kDecision},
                                  {"task_ddl_step", kStep},
                                  {"task_ddl_record", kRecord},
                                  {"format", kFormat}};
constexpr std::string_view kFormatTable = "format";

// A column that came with a version.
struct AddedColumn {
  unsigned version;
  std::string_view table, name, definition;
};
constexpr AddedColumn kAdded[] = {
    {1, "task_part", "division", "BIGINT UNSIGNED NOT NULL DEFAULT 0 AFTER upto"},
    {2, "task", "catalog_read", "MEDIUMTEXT NOT NULL DEFAULT ('') AFTER copy_end"},
    {3, "task", "generation", "BIGINT UNSIGNED NOT NULL DEFAULT 0 AFTER epoch"},
    {4, "task", "restarted", "BIGINT UNSIGNED NOT NULL DEFAULT 0 AFTER generation"},
    {4, "task", "server", "VARCHAR(255) NOT NULL DEFAULT '' AFTER phase"},
};

base::StatusOr<bool> Has(Connection& connection, std::string_view of, std::string_view where) {
  GODWIT_ASSIGN_OR_RETURN(const std::string count,
                          connection.QueryValue(fmt::format(
                              "SELECT COUNT(*) FROM information_schema.{} WHERE {}", of, where)));
  return count != "0";
}

base::StatusOr<bool> HasTable(Connection& connection, const std::string& schema,
                              std::string_view table) {
  return Has(
      connection, "tables",
      fmt::format("table_schema = {} AND table_name = {}", QuoteText(schema), QuoteText(table)));
}

// What it is called by is a word that others use too.
base::StatusOr<bool> IsFormatTable(Connection& connection, const std::string& schema) {
  for (std::string_view column : {"one", "version"}) {
    GODWIT_ASSIGN_OR_RETURN(
        const bool there,
        Has(connection, "columns",
            fmt::format("table_schema = {} AND table_name = {} AND column_name = {}",
                        QuoteText(schema), QuoteText(kFormatTable), QuoteText(column))));
    if (!there) return false;
  }
  return true;
}

// Why a schema of which nothing but the format is left is not to be dropped; empty: it is. DROP
// DATABASE takes along all that is in it, also what this user does not see.
base::StatusOr<std::string> WhyKept(Connection& connection, const std::string& schema) {
  constexpr unsigned long kLibraries = 90200;  // of MySQL alone
  std::vector<std::pair<std::string_view, std::string>> kinds = {
      {"tables", fmt::format("table_schema = {} AND table_name <> {}", QuoteText(schema),
                             QuoteText(kFormatTable))},
      {"routines", "routine_schema = " + QuoteText(schema)},
      {"events", "event_schema = " + QuoteText(schema)}};
  if (connection.is_mysql() && connection.version_number() >= kLibraries)
    kinds.emplace_back("libraries", "library_schema = " + QuoteText(schema));
  for (const auto& [kind, where] : kinds) {
    GODWIT_ASSIGN_OR_RETURN(const bool others, Has(connection, kind, where));
    if (others) return fmt::format("it holds other {}", kind);
  }
  GODWIT_ASSIGN_OR_RETURN(const Grants grants, Grants::Read(connection));
  if (grants.Has("EXECUTE", schema) && grants.Has("EVENT", schema)) return std::string();
  return fmt::format(
      "without the rights EXECUTE and EVENT on it, Godwit's user does not see whether routines or "
      "events are in it; `DROP DATABASE {}` removes it",
      QuoteName(schema));
}

base::Status CreateTable(Connection& connection, const std::string& schema, std::string_view name,
                         std::string_view columns) {
  return connection
      .Execute(fmt::format("CREATE TABLE IF NOT EXISTS {} {} ENGINE=InnoDB DEFAULT "
                           "CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
                           QuoteName({schema, std::string(name)}), columns))
      .status();
}

base::Status Upgrade(Connection& connection, const std::string& schema, unsigned from) {
  for (const AddedColumn& column : kAdded) {
    if (column.version <= from) continue;
    // An upgrade that was ended may have added it.
    GODWIT_ASSIGN_OR_RETURN(
        const bool there,
        Has(connection, "columns",
            fmt::format("table_schema = {} AND table_name = {} AND column_name = {}",
                        QuoteText(schema), QuoteText(column.table), QuoteText(column.name))));
    if (there) continue;
    const base::Status added =
        connection
            .Execute(fmt::format("ALTER TABLE {} ADD COLUMN {} {}",
                                 QuoteName({schema, std::string(column.table)}), column.name,
                                 column.definition))
            .status();
    // Another task of the schema may have been quicker.
    if (!added.ok() && connection.last_error() != ER_DUP_FIELDNAME) return added;
  }
  return base::OkStatus();
}

// The tables are as this version has them. A run of an earlier version that goes on beside it knows
// nothing of that: the fence stops it, and at its next beginning it reads the version. Only who
// raises the version raises the epochs, so that no run of this version loses its own.
base::Status RaiseFormat(Connection& connection, const std::string& schema) {
  const std::string format = QuoteName({schema, "format"});
  GODWIT_RETURN_IF_ERROR(
      connection.Execute(fmt::format("INSERT IGNORE INTO {} VALUES (1, 0)", format)).status());
  auto raise = [&]() -> base::Status {
    GODWIT_RETURN_IF_ERROR(connection.Execute("START TRANSACTION").status());
    GODWIT_ASSIGN_OR_RETURN(
        const ExecuteResult raised,
        connection.Execute(
            fmt::format("UPDATE {0} SET version = {1} WHERE version < {1}", format, kStateFormat)));
    if (raised.affected_rows > 0) {
      GODWIT_RETURN_IF_ERROR(
          connection
              .Execute(fmt::format("UPDATE {} SET epoch = epoch + 1", QuoteName({schema, "task"})))
              .status());
    }
    return connection.Execute("COMMIT").status();
  };
  base::Status status = raise();
  if (!status.ok()) connection.Execute("ROLLBACK").IgnoreError();
  return status;
}

}  // namespace

bool IsGone(const Connection& connection, const base::Status& status) {
  const unsigned error = connection.last_error();
  return !status.ok() && (error == ER_NO_SUCH_TABLE || error == ER_BAD_DB_ERROR);
}

base::StatusOr<std::optional<unsigned>> ReadStateFormat(Connection& connection,
                                                        const std::string& schema) {
  // Without `task` it holds no state: what is left of it is being dropped.
  GODWIT_ASSIGN_OR_RETURN(const bool begun, HasTable(connection, schema, "task"));
  if (!begun) return std::optional<unsigned>();
  GODWIT_ASSIGN_OR_RETURN(const bool versioned, HasTable(connection, schema, kFormatTable));
  std::string text;
  if (versioned) {
    const base::StatusOr<std::vector<ResultRow>> rows =
        connection.Query("SELECT version FROM " + QuoteName({schema, std::string(kFormatTable)}));
    if (IsGone(connection, rows.status())) return std::optional<unsigned>();
    GODWIT_RETURN_IF_ERROR(rows.status());
    if (!rows->empty()) text = (*rows)[0][0].value_or("");
  }
  if (text.empty()) {
    GODWIT_ASSIGN_OR_RETURN(const bool there, HasTable(connection, schema, "task_part"));
    return there ? std::optional<unsigned>(0) : std::nullopt;
  }
  const std::optional<unsigned> version = base::ParseInteger<unsigned>(text);
  if (version && *version <= kStateFormat) return version;
  return base::FailedPrecondition(
      "target: the state of tasks in schema {} is in format {}, which a later version of Godwit "
      "has "
      "written; this one knows formats up to {} and has changed nothing. Run the later version, or "
      "give the task a schema of its own with `meta_schema` and copy anew",
      schema, text, kStateFormat);
}

std::vector<std::string_view> TablesOfTasks() {
  std::vector<std::string_view> names;
  for (const StateTable& table : kTables) {
    if (table.name != kFormatTable) names.push_back(table.name);
  }
  return names;
}

base::Status MakeStateTables(Connection& connection, const std::string& schema) {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<unsigned> format,
                          ReadStateFormat(connection, schema));
  GODWIT_RETURN_IF_ERROR(
      connection
          .Execute("CREATE DATABASE IF NOT EXISTS " + QuoteName(schema) + " CHARACTER SET utf8mb4")
          .status());
  for (const auto& [name, columns] : kTables)
    GODWIT_RETURN_IF_ERROR(CreateTable(connection, schema, name, columns));
  if (format == kStateFormat) return base::OkStatus();
  if (format) GODWIT_RETURN_IF_ERROR(Upgrade(connection, schema, *format));
  base::Failpoint("state.before_format");
  return RaiseFormat(connection, schema);
}

base::Status DropStateTables(Connection& connection, const std::string& schema,
                             connector::Forgotten& done) {
  const std::string format = QuoteName({schema, std::string(kFormatTable)});
  GODWIT_ASSIGN_OR_RETURN(const bool ours, IsFormatTable(connection, schema));
  if (!ours) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(const bool has_task, HasTable(connection, schema, "task"));
  if (has_task) {
    GODWIT_ASSIGN_OR_RETURN(
        const std::vector<ResultRow> tasks,
        connection.Query(fmt::format("SELECT 1 FROM {} LIMIT 1", QuoteName({schema, "task"}))));
    if (!tasks.empty()) return base::OkStatus();
  }
  // Somebody's open transaction may have read them: then it is for the next try.
  GODWIT_RETURN_IF_ERROR(connection.Execute("SET SESSION lock_wait_timeout = 5").status());
  std::vector<std::string_view> names = TablesOfTasks();
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    base::Failpoint("state.before_drop");
    GODWIT_RETURN_IF_ERROR(
        connection.Execute("DROP TABLE IF EXISTS " + QuoteName({schema, std::string(*name)}))
            .status());
  }
  base::Failpoint("state.before_drop");
  GODWIT_ASSIGN_OR_RETURN(const std::string why_kept, WhyKept(connection, schema));
  if (why_kept.empty()) {
    GODWIT_RETURN_IF_ERROR(connection.Execute("DROP DATABASE " + QuoteName(schema)).status());
    done.removed.push_back(fmt::format("schema {}, which holds no other task's state", schema));
    return base::OkStatus();
  }
  GODWIT_RETURN_IF_ERROR(connection.Execute("DROP TABLE " + format).status());
  done.removed.push_back(
      fmt::format("the tables of the state in schema {}, which holds no other task's", schema));
  done.left.push_back(fmt::format("schema {}: {}", schema, why_kept));
  return base::OkStatus();
}

}  // namespace godwit::connectors::mysql
