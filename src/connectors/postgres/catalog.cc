#include "connectors/postgres/catalog.h"

#include <array>
#include <set>

#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/definition/definition_reader.h"
#include "connectors/postgres/schema/object_reader.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::TableName;

constexpr uint64_t kPageBytes = 8192;

// Those for which `belongs` (TableName -> bool) holds.
template <typename Belongs>
base::StatusOr<std::vector<ReadTable>> ReadTables(Connection& connection,
                                                  const std::string& condition, Belongs belongs) {
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                          connection.Query(TablesQuery(condition, connection.by_leaf())));
  std::vector<ReadTable> tables;
  for (const ResultRow& row : rows) {
    if (belongs(TableName{TextOf(row[1]), TextOf(row[2])})) tables.push_back(ToReadTable(row));
  }
  GODWIT_RETURN_IF_ERROR(ReadParts(connection, tables, connection.by_leaf()));
  return tables;
}

// Runs `read` in a transaction of its own.
template <typename Read>
auto InSnapshot(Connection& connection, Read read) -> decltype(read()) {
  GODWIT_RETURN_IF_ERROR(
      connection.Execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").status());
  auto result = read();
  if (!result.ok()) {
    // Its own error would tell nothing new: a connection that is lost has rolled back.
    (void)connection.Execute("ROLLBACK");
    return result;
  }
  GODWIT_RETURN_IF_ERROR(connection.Execute("COMMIT").status());
  return result;
}

// The functions that write definitions look at the catalogue as it is, not as it was when the
// transaction began, and fail on what has been dropped meanwhile.
template <typename Read>
auto InQuietSnapshot(Connection& connection, Read read) -> decltype(read()) {
  constexpr int kTries = 5;
  for (int attempt = 1;; ++attempt) {
    auto result = InSnapshot(connection, read);
    const bool dropped =
        absl::IsAborted(result.status()) || (!result.ok() && connection.last_state() == "XX000");
    if (!dropped || attempt == kTries) return result;
  }
}

}  // namespace

connector::CatalogSchema SchemaOf(const std::string& name) {
  return {name, "CREATE SCHEMA " + QuoteName(name), std::string(kDialect)};
}

// Of a copy of its data the server has another moment of its start.
base::StatusOr<std::string> ReadIdentity(Connection& connection) {
  return connection.QueryValue(
      "SELECT system_identifier || ' ' || pg_postmaster_start_time() || ' ' || "
      "current_database() FROM pg_control_system()");
}

base::StatusOr<connector::Catalog> ReadCatalog(Connection& connection,
                                               const connector::TableFilter& filter,
                                               const std::vector<connector::ObjectKind>& kinds) {
  return InQuietSnapshot(connection, [&]() -> base::StatusOr<connector::Catalog> {
    const auto belongs = [&](const TableName& name) {
      return filter.table(name.schema, name.table);
    };
    GODWIT_ASSIGN_OR_RETURN(const std::vector<ReadTable> tables,
                            ReadTables(connection, "", belongs));
    connector::Catalog catalog;
    GODWIT_ASSIGN_OR_RETURN(catalog.settings[std::string(kIdentity)], ReadIdentity(connection));
    // Partitions and sequences may be in other schemas than their tables.
    std::set<std::string> schemas;
    for (const ReadTable& table : tables) {
      schemas.merge(SchemasOf(table.definition));
      catalog.tables.push_back(
          {ToTableDefinition(table.definition), table.rows, table.pages * kPageBytes});
    }
    GODWIT_ASSIGN_OR_RETURN(catalog.objects, ReadObjects(connection, filter, kinds));
    for (const connector::CatalogObject& object : catalog.objects) schemas.insert(object.schema);
    schemas.erase("");
    schemas.erase("pg_catalog");  // of extensions
    for (const std::string& schema : schemas) catalog.schemas.push_back(SchemaOf(schema));
    return catalog;
  });
}

namespace {

base::StatusOr<std::vector<ReadTable>> ReadNamed(Connection& connection,
                                                 const std::vector<TableName>& names) {
  const std::string list = absl::StrJoin(names, ", ", [](std::string* out, const TableName& name) {
    *out += fmt::format("({}, {})", QuoteText(name.schema), QuoteText(name.table));
  });
  return ReadTables(connection, "AND (n.nspname, c.relname) IN (VALUES " + list + ")",
                    [](const TableName&) { return true; });
}

}  // namespace

base::StatusOr<std::optional<Definition>> ReadDefinitionWithin(Connection& connection,
                                                               const TableName& name) {
  const std::array<Parameter, 2> names = {name.schema, name.table};
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      connection.QueryPrepared(
          TablesQuery("AND n.nspname = $1 AND c.relname = $2", connection.by_leaf()), names));
  if (rows.empty()) return std::optional<Definition>();
  std::vector<ReadTable> tables = {ToReadTable(rows.front())};
  GODWIT_RETURN_IF_ERROR(ReadParts(connection, tables, connection.by_leaf()));
  return std::optional<Definition>(std::move(tables.front().definition));
}

base::StatusOr<std::vector<Definition>> ReadDefinitions(Connection& connection,
                                                        const std::vector<TableName>& names) {
  std::vector<Definition> definitions;
  if (names.empty()) return definitions;
  GODWIT_ASSIGN_OR_RETURN(std::vector<ReadTable> tables, InQuietSnapshot(connection, [&] {
                            return ReadNamed(connection, names);
                          }));
  for (ReadTable& table : tables) definitions.push_back(std::move(table.definition));
  return definitions;
}

base::StatusOr<std::optional<Definition>> ReadDefinition(Connection& connection,
                                                         const TableName& name) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<Definition> definitions, ReadDefinitions(connection, {name}));
  if (definitions.empty()) return std::optional<Definition>();
  return std::optional<Definition>(std::move(definitions.front()));
}

}  // namespace godwit::connectors::postgres
