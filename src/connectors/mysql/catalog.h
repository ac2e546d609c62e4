#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connector/catalog.h"
#include "connectors/mysql/connection/connection.h"
#include "sql/definition.h"
#include "sql/flavour.h"

namespace godwit::connectors::mysql {

constexpr size_t kTimeZoneOfEvent = 2;  // the column of SHOW CREATE EVENT

// What the server has of what the filter lets through. The connection is one with UTF-8 text.
base::StatusOr<connector::Catalog> ReadCatalog(Connection& connection,
                                               const connector::TableFilter& filter,
                                               const std::vector<connector::ObjectKind>& kinds);

// One table; nothing when it does not exist or is a view.
base::StatusOr<std::optional<connector::CatalogTable>> ReadTable(Connection& connection,
                                                                 const model::TableName& name);

// How definitions name their dialect.
std::string_view DialectName(sql::Flavour flavour);
sql::Flavour FlavourOf(std::string_view dialect);
// Nothing where the dialect is of another family.
std::optional<sql::Flavour> FlavourInFamily(std::string_view dialect);
// For whom to write what a target of this dialect gets: that server itself, or one of the source's
// own kind where the target's connector reads it as the source has it (another family).
sql::Flavour WrittenFor(std::string_view dialect, sql::Flavour source);

// A CREATE TABLE statement of a server of that flavour, read as the table that it makes.
base::StatusOr<connector::TableDefinition> ParseTable(sql::Flavour flavour,
                                                      const model::TableName& name,
                                                      std::string statement);

// All that the statement of a table says.
base::StatusOr<sql::TableDefinition> DefinitionOf(const connector::TableDefinition& table);

// What tables get that are made without a charset, of all databases by name.
base::StatusOr<std::vector<model::SchemaDefault>> ReadSchemaDefaults(Connection& connection);

// The server's collations, by the numbers that its log names them by.
base::StatusOr<std::map<uint16_t, std::string>> ReadCollations(Connection& connection);

// SHOW CREATE TABLE. kNotFound when there is no such table.
base::StatusOr<std::string> ReadDefinition(Connection& connection, const model::TableName& name);

// The CREATE EVENT, as SHOW CREATE EVENT gives it, that makes the event disabled.
std::string WithEventDisabled(std::string statement);

// `statement` without its AUTO_INCREMENT=n table option.
std::string WithoutAutoIncrement(std::string statement);

}  // namespace godwit::connectors::mysql
