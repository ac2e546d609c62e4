#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/catalog.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/definition/definition.h"

namespace godwit::connectors::postgres {

// The entry of connector::Catalog::settings that only one database has.
inline constexpr std::string_view kIdentity = "identity";
base::StatusOr<std::string> ReadIdentity(Connection& connection);

// What reads the catalogue begins a transaction and ends it, but for ReadDefinitionWithin.

// What the database has of what the filter lets through: ordinary tables, and partitioned ones by
// their root, or each leaf by itself (Connection::by_leaf), as in all that follows. Schemas of the
// system (pg_*, information_schema) and what belongs to an extension are left out. All is read in
// one snapshot. `kinds`: the objects to read besides tables.
base::StatusOr<connector::Catalog> ReadCatalog(Connection& connection,
                                               const connector::TableFilter& filter,
                                               const std::vector<connector::ObjectKind>& kinds);

// Of these alone, in any order; those that do not exist are missing. All in a handful of
// statements, however many there are.
base::StatusOr<std::vector<Definition>> ReadDefinitions(Connection& connection,
                                                        const std::vector<model::TableName>& names);

// One table; nothing when it does not exist, or is not a table.
base::StatusOr<std::optional<Definition>> ReadDefinition(Connection& connection,
                                                         const model::TableName& name);

// The same within the caller's transaction, which holds a lock on the table.
base::StatusOr<std::optional<Definition>> ReadDefinitionWithin(Connection& connection,
                                                               const model::TableName& name);

connector::CatalogSchema SchemaOf(const std::string& name);

}  // namespace godwit::connectors::postgres
