#include "connectors/mysql/catalog.h"

#include <mysqld_error.h>

#include <cctype>

#include "base/text.h"
#include "connectors/mysql/connection/server_settings.h"
#include "connectors/mysql/literal.h"
#include "sql/parser.h"

namespace godwit::connectors::mysql {
namespace {

using connector::CatalogObject;
using connector::CatalogTable;
using connector::ObjectKind;

uint64_t Number(const std::optional<std::string>& text) {
  return base::ParseInteger<uint64_t>(text.value_or("")).value_or(0);
}

// How the objects of a kind are asked for, and which columns of SHOW CREATE's result hold the
// definition and the settings it needs.
struct ObjectQuery {
  ObjectKind kind;
  const char* list;  // schema, name, the word SHOW CREATE takes, the name that the filter decides
                     // by, the state wanted
  size_t statement_column;
  int sql_mode_column;  // -1: none
  int charset_column;   // followed by the collation's; -1: none
};
constexpr ObjectQuery kObjectQueries[] = {
    {ObjectKind::kView,
     "SELECT table_schema, table_name, 'VIEW', table_name, '' FROM information_schema.tables WHERE "
     "table_type = 'VIEW'",
     1, -1, 2},
    {ObjectKind::kSequence,
     "SELECT table_schema, table_name, 'SEQUENCE', table_name, '' FROM information_schema.tables "
     "WHERE table_type = 'SEQUENCE'",
     1, -1, -1},
    {ObjectKind::kRoutine,
     "SELECT routine_schema, routine_name, routine_type, routine_name, '' FROM "
     "information_schema.routines WHERE routine_type "
     "IN ('FUNCTION', 'PROCEDURE')",
     2, 1, 3},
    {ObjectKind::kTrigger,
     "SELECT trigger_schema, trigger_name, 'TRIGGER', event_object_table, '' FROM "
     "information_schema.triggers ORDER BY "
     "trigger_schema, event_object_table, event_manipulation, action_timing, action_order",
     2, 1, 3},
    {ObjectKind::kEvent,
     "SELECT event_schema, event_name, 'EVENT', event_name, '' FROM information_schema.events", 3,
     1, 4},
};

std::string SessionOf(const ObjectQuery& query, const ResultRow& row) {
  std::string session;
  if (query.sql_mode_column >= 0) {
    session = "SET SESSION sql_mode=" +
              QuoteText(row[static_cast<size_t>(query.sql_mode_column)].value_or(""));
  }
  if (query.charset_column >= 0) {
    const auto column = static_cast<size_t>(query.charset_column);
    session += session.empty() ? "SET SESSION " : ", ";
    session += fmt::format("collation_connection={}",
                           QuoteText(row[column + 1].value_or("utf8mb4_general_ci")));
  }
  return session;
}

base::Status ReadObjects(Connection& connection, const ObjectQuery& query,
                         const connector::TableFilter& filter,
                         std::vector<CatalogObject>& objects) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> names, connection.Query(query.list));
  for (const ResultRow& name : names) {
    const std::string schema = name[0].value_or(""), object = name[1].value_or(""),
                      word = name[2].value_or("");
    if (!filter.table(schema, name[3].value_or(""))) continue;
    const std::string quoted = QuoteName({schema, object});
    GODWIT_ASSIGN_OR_RETURN(ResultRow row,
                            connection.QueryRow(fmt::format("SHOW CREATE {} {}", word, quoted)));
    if (!row[query.statement_column]) {
      return base::FailedPrecondition(
          "{}: no right to read the definition of {} {}.{}: grant SHOW CREATE ROUTINE, or leave "
          "the "
          "object out",
          connection.side(), word, schema, object);
    }
    std::string after = name[4].value_or("");
    if (query.kind == ObjectKind::kSequence) {
      GODWIT_ASSIGN_OR_RETURN(std::string next,
                              connection.QueryValue("SELECT next_not_cached_value FROM " + quoted));
      after = fmt::format("ALTER SEQUENCE {} RESTART WITH {}", quoted, next);
    }
    std::string statement = *row[query.statement_column];
    if (query.kind == ObjectKind::kEvent) statement = WithEventDisabled(std::move(statement));
    objects.push_back({query.kind, schema, object, std::move(statement), SessionOf(query, row),
                       std::move(after), std::string(DialectName(connection.flavour())),
                       query.kind == ObjectKind::kEvent ? row[kTimeZoneOfEvent].value_or("") : ""});
  }
  return base::OkStatus();
}

base::StatusOr<sql::TableDefinition> Parse(sql::Flavour flavour, const model::TableName& name,
                                           const std::string& statement) {
  auto definition =
      sql::ParseDefinition(statement, {.default_schema = name.schema, .flavour = flavour}, {});
  if (!definition.ok()) {
    return base::FailedPrecondition(
        "table {}: its definition is not understood: {}; exclude the table, or report this",
        name.ToString(), definition.status().message());
  }
  definition->name = name;
  return definition;
}

}  // namespace

std::string_view DialectName(sql::Flavour flavour) {
  return flavour == sql::Flavour::kMySql ? "mysql" : "mariadb";
}

sql::Flavour FlavourOf(std::string_view dialect) {
  return dialect == DialectName(sql::Flavour::kMySql) ? sql::Flavour::kMySql
                                                      : sql::Flavour::kMariaDb;
}

std::optional<sql::Flavour> FlavourInFamily(std::string_view dialect) {
  for (const sql::Flavour flavour : {sql::Flavour::kMySql, sql::Flavour::kMariaDb}) {
    if (dialect == DialectName(flavour)) return flavour;
  }
  return std::nullopt;
}

sql::Flavour WrittenFor(std::string_view dialect, sql::Flavour source) {
  return FlavourInFamily(dialect).value_or(source);
}

base::StatusOr<connector::TableDefinition> ParseTable(sql::Flavour flavour,
                                                      const model::TableName& name,
                                                      std::string statement) {
  GODWIT_ASSIGN_OR_RETURN(sql::TableDefinition definition, Parse(flavour, name, statement));
  return connector::TableDefinition{sql::ToTable(definition), std::move(statement),
                                    std::string(DialectName(flavour))};
}

base::StatusOr<sql::TableDefinition> DefinitionOf(const connector::TableDefinition& table) {
  return Parse(FlavourOf(table.dialect), table.table->name, table.statement);
}

std::string WithoutAutoIncrement(std::string statement) {
  // The option stands on the line of the table's options, after the last column or key.
  constexpr std::string_view kOption = " AUTO_INCREMENT=";
  const size_t options = statement.find("\n) ");
  const size_t begin = options == std::string::npos ? options : statement.find(kOption, options);
  if (begin == std::string::npos) return statement;
  size_t end = begin + kOption.size();
  while (end < statement.size() && std::isdigit(static_cast<unsigned char>(statement[end]))) ++end;
  return statement.erase(begin, end - begin);
}

std::string WithEventDisabled(std::string statement) {
  constexpr std::string_view kBefore = " PRESERVE ", kDisabled = "DISABLE";
  const size_t completion = statement.find(" ON COMPLETION ");
  const size_t before = statement.find(kBefore, completion);
  if (before == std::string::npos) return statement;
  const size_t state = before + kBefore.size();
  for (const std::string_view other : {"ENABLE", "DISABLE ON SLAVE", "DISABLE ON REPLICA"}) {
    if (statement.compare(state, other.size(), other) == 0)
      return statement.replace(state, other.size(), kDisabled);
  }
  return statement;
}

base::StatusOr<std::map<uint16_t, std::string>> ReadCollations(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(
      std::vector<ResultRow> rows,
      connection.Query(connection.is_mysql()
                           ? "SELECT id, collation_name FROM information_schema.collations"
                           : "SELECT id, full_collation_name FROM information_schema."
                             "collation_character_set_applicability"));
  std::map<uint16_t, std::string> names;
  for (const ResultRow& row : rows) {
    if (const auto id = base::ParseInteger<uint16_t>(row[0].value_or("")))
      names[*id] = row[1].value_or("");
  }
  return names;
}

base::StatusOr<std::vector<model::SchemaDefault>> ReadSchemaDefaults(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(
      std::vector<ResultRow> rows,
      connection.Query(
          "SELECT schema_name, default_character_set_name, default_collation_name FROM "
          "information_schema.schemata ORDER BY schema_name"));
  std::vector<model::SchemaDefault> schemas;
  for (const ResultRow& row : rows)
    schemas.push_back({row[0].value_or(""), row[1].value_or(""), row[2].value_or("")});
  return schemas;
}

base::StatusOr<std::string> ReadDefinition(Connection& connection, const model::TableName& name) {
  auto row = connection.QueryRow("SHOW CREATE TABLE " + QuoteName(name));
  if (!row.ok()) {
    const unsigned error = connection.last_error();
    if (error == ER_NO_SUCH_TABLE || error == ER_BAD_DB_ERROR)
      return base::NotFound("no table {}", name.ToString());
    return row.status();
  }
  return (*row)[1].value_or("");
}

base::StatusOr<std::optional<CatalogTable>> ReadTable(Connection& connection,
                                                      const model::TableName& name) {
  GODWIT_ASSIGN_OR_RETURN(
      std::vector<ResultRow> rows,
      connection.Query(fmt::format(
          "SELECT table_rows, data_length FROM information_schema.tables WHERE table_schema = {} "
          "AND table_name = {} AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')",
          QuoteText(name.schema), QuoteText(name.table))));
  if (rows.empty()) return std::optional<CatalogTable>();
  auto statement = ReadDefinition(connection, name);
  if (absl::IsNotFound(statement.status())) return std::optional<CatalogTable>();
  if (!statement.ok()) return statement.status();
  CatalogTable table;
  GODWIT_ASSIGN_OR_RETURN(table.definition,
                          ParseTable(connection.flavour(), name, *std::move(statement)));
  table.estimated_rows = Number(rows[0][0]);
  table.estimated_bytes = Number(rows[0][1]);
  return std::optional<CatalogTable>(std::move(table));
}

// Of AUTO_INCREMENT columns: what they give next.
base::Status AddNextValues(connector::Catalog& catalog) {
  for (const CatalogTable& table : catalog.tables) {
    GODWIT_ASSIGN_OR_RETURN(const sql::TableDefinition definition, DefinitionOf(table.definition));
    for (const sql::ColumnDefinition& column : definition.columns) {
      if (!column.auto_increment) continue;
      catalog.objects.push_back({.kind = ObjectKind::kTableSequence,
                                 .schema = definition.name.schema,
                                 .name = column.name,
                                 .dialect = table.definition.dialect,
                                 .table = definition.name.table,
                                 .next_value = definition.options.auto_increment.value_or(1)});
    }
  }
  return base::OkStatus();
}

base::StatusOr<connector::Catalog> ReadCatalog(Connection& connection,
                                               const connector::TableFilter& filter,
                                               const std::vector<ObjectKind>& kinds) {
  connector::Catalog catalog;
  GODWIT_ASSIGN_OR_RETURN(catalog.settings, ReadSettings(connection));
  GODWIT_ASSIGN_OR_RETURN(
      std::vector<ResultRow> names,
      connection.Query(
          "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type "
          "IN ('BASE TABLE', 'SYSTEM VERSIONED') AND table_schema NOT IN ('mysql', 'sys', "
          "'performance_schema') ORDER BY 1, 2"));
  for (const ResultRow& row : names) {
    model::TableName name{row[0].value_or(""), row[1].value_or("")};
    if (!filter.table(name.schema, name.table)) continue;
    GODWIT_ASSIGN_OR_RETURN(std::optional<CatalogTable> table, ReadTable(connection, name));
    if (!table) continue;  // dropped since
    if (catalog.schemas.empty() || catalog.schemas.back().name != name.schema) {
      GODWIT_ASSIGN_OR_RETURN(
          ResultRow schema, connection.QueryRow("SHOW CREATE DATABASE " + QuoteName(name.schema)));
      catalog.schemas.push_back(
          {name.schema, schema[1].value_or(""), std::string(DialectName(connection.flavour()))});
    }
    catalog.tables.push_back(*std::move(table));
  }
  for (const ObjectQuery& query : kObjectQueries) {
    if (std::find(kinds.begin(), kinds.end(), query.kind) == kinds.end()) continue;
    GODWIT_RETURN_IF_ERROR(ReadObjects(connection, query, filter, catalog.objects));
  }
  if (std::find(kinds.begin(), kinds.end(), ObjectKind::kTableSequence) != kinds.end())
    GODWIT_RETURN_IF_ERROR(AddNextValues(catalog));
  return catalog;
}

}  // namespace godwit::connectors::mysql
