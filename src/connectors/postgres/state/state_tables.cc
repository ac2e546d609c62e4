#include "connectors/postgres/state/state_tables.h"

#include "base/failpoint.h"
#include "base/text.h"
#include "connectors/postgres/connection/bound_statement.h"
#include "connectors/postgres/sql_text.h"
#include "connectors/postgres/state/state_lock.h"

namespace godwit::connectors::postgres {
namespace {

// NAMEDATALEN - 1: the server cuts off the rest.
constexpr size_t kLongestName = 63;

struct StateTableColumns {
  std::string_view name, columns;
};
// The comment on a schema that Godwit has made, by which it knows that it may drop it.
constexpr std::string_view kOfOurs = "Made by Godwit for the state of its tasks";

// What rows are found and ordered by is compared byte by byte. Numbers without a sign that take all
// of 64 bits are kept as the bigint of the same bits.
constexpr StateTableColumns kTables[] = {
    {"task",
     R"((task text COLLATE "C" PRIMARY KEY, epoch bigint NOT NULL,
         generation bigint NOT NULL DEFAULT 0, restarted bigint NOT NULL DEFAULT 0,
         phase smallint NOT NULL DEFAULT 0, server text NOT NULL DEFAULT '',
         t0 text NOT NULL DEFAULT '',
         applied text NOT NULL DEFAULT '', applied_commit_us bigint NOT NULL DEFAULT 0,
         copy_end text NOT NULL DEFAULT '', catalog_read text NOT NULL DEFAULT '',
         ddl_statement text, ddl_schema text NOT NULL DEFAULT '',
         ddl_position text NOT NULL DEFAULT '', ddl_before text NOT NULL DEFAULT ''))"},
    {"task_schema",
     R"((task text COLLATE "C" NOT NULL, schema_name text COLLATE "C" NOT NULL,
         charset text NOT NULL, collation_name text NOT NULL, PRIMARY KEY (task, schema_name)))"},
    {"task_table",
     R"((task text COLLATE "C" NOT NULL, schema_name text COLLATE "C" NOT NULL,
         table_name text COLLATE "C" NOT NULL, stage smallint NOT NULL, definition text NOT NULL,
         low text NOT NULL, high text NOT NULL, unique_keys_deferred boolean NOT NULL,
         kept boolean NOT NULL, form smallint NOT NULL, renamed_columns text NOT NULL,
         PRIMARY KEY (task, schema_name, table_name)))"},
    {"task_range",
     R"((task text COLLATE "C" NOT NULL, schema_name text COLLATE "C" NOT NULL,
         table_name text COLLATE "C" NOT NULL, range_no integer NOT NULL,
         after_key text NOT NULL, upto_key text NOT NULL, cursor_key text NOT NULL,
         done boolean NOT NULL, row_count bigint NOT NULL, byte_count bigint NOT NULL,
         low text NOT NULL, high text NOT NULL,
         PRIMARY KEY (task, schema_name, table_name, range_no)))"},
    // A part counts as long as the checkpoint is the one that it was written after.
    {"task_part",
     R"((task text COLLATE "C" NOT NULL, part integer NOT NULL, parts integer NOT NULL,
         after_position text NOT NULL, upto text NOT NULL, division bigint NOT NULL,
         PRIMARY KEY (task, part)))"},
    // Who holds the task's lock.
    {"task_holder",
     R"((task text COLLATE "C" PRIMARY KEY, connection_id integer NOT NULL, host text NOT NULL,
         machine text NOT NULL, pid bigint NOT NULL, started bigint NOT NULL))"},
    // There while the DDL of `task` is not to be executed before the operator has decided.
    {"task_ddl_decision",
     R"((task text COLLATE "C" PRIMARY KEY, waits_for text NOT NULL, verb smallint NOT NULL))"},
    {"task_ddl_step",
     R"((task text COLLATE "C" NOT NULL, step integer NOT NULL, statement text NOT NULL,
         state smallint NOT NULL, PRIMARY KEY (task, step)))"},
    {"task_ddl_record",
     R"((task text COLLATE "C" NOT NULL, number bigint NOT NULL, outcome smallint NOT NULL,
         table_names text NOT NULL, statement text NOT NULL, position text NOT NULL,
         instead text NOT NULL, why text NOT NULL, commit_us bigint NOT NULL,
         PRIMARY KEY (task, number)))"},
    // Large objects that the task has made.
    {"task_large_object",
     R"((task text COLLATE "C" NOT NULL, number bigint NOT NULL, PRIMARY KEY (task, number)))"},
    {"format", "(one smallint PRIMARY KEY, version integer NOT NULL)"},
};

// Within a transaction: no other task of the schema makes the tables until it ends, or drops them.
base::Status HoldTables(Connection& connection, const std::string& schema) {
  return ExecuteBound(connection, "SELECT pg_advisory_xact_lock($1::bigint)",
                      LockNumber(schema, ""))
      .status();
}

// Whoever has the table in use is waited for, but not for long, as others then wait for this.
base::Status Upgrade(Connection& connection, const std::string& schema) {
  GODWIT_RETURN_IF_ERROR(connection.Execute("SET LOCAL lock_timeout = '5s'").status());
  const std::string task = StateTable(schema, "task");
  GODWIT_RETURN_IF_ERROR(
      connection
          .Execute(fmt::format(
              "ALTER TABLE {} ADD COLUMN IF NOT EXISTS generation bigint NOT NULL DEFAULT "
              "0, ADD COLUMN IF NOT EXISTS restarted bigint NOT NULL DEFAULT 0, "
              "ADD COLUMN IF NOT EXISTS server text NOT NULL DEFAULT ''",
              task))
          .status());
  base::Failpoint("state.before_format");
  return connection
      .Execute(fmt::format("UPDATE {} SET epoch = epoch + 1; UPDATE {} SET version = {}", task,
                           StateTable(schema, "format"), kStateFormat))
      .status();
}

base::Status MakeAll(Connection& connection, const std::string& schema) {
  GODWIT_RETURN_IF_ERROR(HoldTables(connection, schema));
  GODWIT_ASSIGN_OR_RETURN(const std::optional<unsigned> format,
                          ReadStateFormat(connection, schema));
  if (format == kStateFormat) return base::OkStatus();
  if (format) return Upgrade(connection, schema);
  // To create a schema that is there takes the right to create one, IF NOT EXISTS or not.
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> schemas,
      QueryBound(connection, "SELECT 1 FROM pg_namespace WHERE nspname = $1::text", schema));
  if (schemas.empty()) {
    const std::string name = QuoteName(schema);
    GODWIT_RETURN_IF_ERROR(
        connection
            .Execute(fmt::format("CREATE SCHEMA {0}; COMMENT ON SCHEMA {0} IS {1}", name,
                                 QuoteText(kOfOurs)))
            .status());
  }
  for (const auto& [name, columns] : kTables) {
    GODWIT_RETURN_IF_ERROR(
        connection.Execute(fmt::format("CREATE TABLE {} {}", StateTable(schema, name), columns))
            .status());
  }
  base::Failpoint("state.before_format");
  return ExecuteBound(connection,
                      fmt::format("INSERT INTO {} (one, version) VALUES (1, $1::integer)",
                                  StateTable(schema, "format")),
                      kStateFormat)
      .status();
}

base::StatusOr<bool> HasTasks(Connection& connection, const std::string& schema) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection.Query(fmt::format("SELECT 1 FROM {} LIMIT 1", StateTable(schema, "task"))));
  return !rows.empty();
}

// Why the last statement, which was to drop something, could not; empty: for no reason to leave it.
std::string WhyKept(const Connection& connection) {
  const std::string& state = connection.last_state();
  if (state == "2BP01") return "something else is in it, or depends on it";
  if (state == "42501") return "another role owns it";
  if (state == "55P03") return "another session has been using it for seconds";
  return "";
}

// What is to become of tables and schema, and why they stay.
struct Drop {
  bool tables = false, schema = false;
  std::string tables_stay, schema_stays;
};

// Within a transaction.
base::Status DropAll(Connection& connection, const std::string& schema, Drop& drop) {
  // Other tasks' runs wait behind the lock that is waited for.
  GODWIT_RETURN_IF_ERROR(connection.Execute("SET LOCAL lock_timeout = '5s'").status());
  GODWIT_RETURN_IF_ERROR(HoldTables(connection, schema));
  GODWIT_RETURN_IF_ERROR(connection
                             .Execute(fmt::format("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
                                                  StateTable(schema, "task")))
                             .status());
  GODWIT_ASSIGN_OR_RETURN(const bool used, HasTasks(connection, schema));
  if (used) return base::OkStatus();
  std::string tables;
  for (const StateTableColumns& table : kTables)
    tables += (tables.empty() ? "" : ", ") + StateTable(schema, table.name);
  GODWIT_RETURN_IF_ERROR(connection.Execute("DROP TABLE " + tables).status());
  drop.tables = true;
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> ours,
      QueryBound(connection,
                 "SELECT 1 FROM pg_namespace WHERE nspname = $1::text AND obj_description(oid, "
                 "'pg_namespace') = $2::text",
                 schema, kOfOurs));
  if (ours.empty()) {
    drop.schema_stays = "it was not made by Godwit, or has another comment by now";
    return base::OkStatus();
  }
  GODWIT_RETURN_IF_ERROR(connection.Execute("SAVEPOINT tables_dropped").status());
  const base::Status dropped = connection.Execute("DROP SCHEMA " + QuoteName(schema)).status();
  drop.schema = dropped.ok();
  if (dropped.ok()) return base::OkStatus();
  drop.schema_stays = WhyKept(connection);
  if (drop.schema_stays.empty()) return dropped;
  return connection.Execute("ROLLBACK TO SAVEPOINT tables_dropped").status();
}

}  // namespace

std::string StateTable(const std::string& schema, std::string_view table) {
  return QuoteName(model::TableName{schema, std::string(table)});
}

bool IsGone(const Connection& connection, const base::Status& status) {
  // The table, or its schema.
  return !status.ok() && (connection.last_state() == "42P01" || connection.last_state() == "3F000");
}

base::StatusOr<std::optional<unsigned>> ReadStateFormat(Connection& connection,
                                                        const std::string& schema) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> tables,
      QueryBound(connection,
                 "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
                 "n.nspname = $1::text AND c.relname = 'format'",
                 schema));
  if (tables.empty()) return std::optional<unsigned>();
  const base::StatusOr<std::vector<ResultRow>> versions =
      connection.Query("SELECT version FROM " + StateTable(schema, "format"));
  if (IsGone(connection, versions.status())) return std::optional<unsigned>();
  GODWIT_RETURN_IF_ERROR(versions.status());
  const std::vector<ResultRow>& rows = *versions;
  if (rows.empty()) {
    return base::FailedPrecondition(
        "{}: schema {} has a table called format that is not Godwit's, or whose row has gone. Give "
        "the task a schema of its own with `meta_schema`",
        connection.side(), schema);
  }
  const std::string text = rows[0][0].value_or("");
  const std::optional<unsigned> version = base::ParseInteger<unsigned>(text);
  if (version && *version <= kStateFormat) return version;
  return base::FailedPrecondition(
      "{}: the state of tasks in schema {} is in format {}, which a later version of Godwit has "
      "written; this one knows formats up to {} and has changed nothing. Run the later version, or "
      "give the task a schema of its own with `meta_schema` and copy anew",
      connection.side(), schema, text, kStateFormat);
}

base::Status MakeStateTables(Connection& connection, const std::string& schema) {
  if (schema.size() > kLongestName) {
    return base::FailedPrecondition("{}: `meta_schema` {} is longer than PostgreSQL's names: {}",
                                    connection.side(), schema, kLongestName);
  }
  // Whoever may not create anything can go on with what is there.
  GODWIT_ASSIGN_OR_RETURN(const std::optional<unsigned> format,
                          ReadStateFormat(connection, schema));
  if (format == kStateFormat) return base::OkStatus();
  return InTransaction(connection, [&] { return MakeAll(connection, schema); });
}

base::Status DropStateTables(Connection& connection, const std::string& schema,
                             connector::Forgotten& done) {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<unsigned> format,
                          ReadStateFormat(connection, schema));
  if (!format) return base::OkStatus();
  const base::StatusOr<bool> used = HasTasks(connection, schema);
  if (IsGone(connection, used.status())) return base::OkStatus();  // another's end was quicker
  GODWIT_RETURN_IF_ERROR(used.status());
  if (*used) return base::OkStatus();
  Drop drop;
  const base::Status status = InTransaction(connection, [&] {
    base::Status dropped = DropAll(connection, schema, drop);
    if (!dropped.ok()) drop.tables_stay = WhyKept(connection);
    return dropped;
  });
  if (absl::IsNotFound(status)) return base::OkStatus();  // likewise
  if (!drop.tables_stay.empty()) {
    done.left.push_back(
        fmt::format("the empty tables of the state in schema {}: {}", schema, drop.tables_stay));
    return base::OkStatus();
  }
  GODWIT_RETURN_IF_ERROR(status);
  if (!drop.tables) return base::OkStatus();
  if (drop.schema) {
    done.removed.push_back(fmt::format("schema {}, which holds no other task's state", schema));
    return base::OkStatus();
  }
  done.removed.push_back(
      fmt::format("the tables of the state in schema {}, which holds no other task's", schema));
  done.left.push_back(fmt::format("schema {}: {}", schema, drop.schema_stays));
  return base::OkStatus();
}

std::vector<std::string_view> TablesOfTasks() {
  std::vector<std::string_view> names;
  for (const StateTableColumns& table : kTables) {
    if (table.name != "format") names.push_back(table.name);
  }
  return names;
}

}  // namespace godwit::connectors::postgres
