#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/catalog.h"
#include "connectors/postgres/connection/connection.h"

// Objects of PostgreSQL besides tables: views, materialized ones too (made empty, and filled by
// what is in `after`), sequences (whose value `after` sets), routines, triggers, extended
// statistics, user-defined types (enums, domains, composites and ranges) and extensions. Sequences
// that are their columns' own belong to their tables, but for a second one of a column.
//
// What belongs to an extension is left out. Rules, policies, event triggers and publications are
// not read.
namespace godwit::connectors::postgres {

// As FindObjects finds them, values of the sequences of tables' columns, and rights. Within the
// caller's transaction, if there is one.
base::StatusOr<std::vector<connector::CatalogObject>> ReadObjects(
    Connection& connection, const connector::TableFilter& filter,
    const std::vector<connector::ObjectKind>& kinds);

// The one of the same kind and name, and table; nothing when there is none. An extension is found
// in any schema.
base::StatusOr<std::optional<connector::CatalogObject>> ReadSame(
    Connection& connection, const connector::CatalogObject& wanted);

// "SELECT pg_catalog.setval(...)" for each sequence of a column of these tables: what gives a
// target's sequences the values that they have here now.
base::StatusOr<std::vector<std::string>> SequenceValues(Connection& connection,
                                                        const std::vector<model::TableName>& names);

}  // namespace godwit::connectors::postgres
