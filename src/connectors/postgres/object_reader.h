#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/catalog.h"
#include "connectors/postgres/connection.h"

// Objects of PostgreSQL besides tables: views, materialized ones too (made empty, and filled by
// what is in `after`), sequences (whose value `after` sets), and, of what relations that the filter
// lets through refer to, user-defined types (enums, domains, composites and ranges) and extensions.
// Sequences that are their columns' own belong to their tables, but for a second one of a column.
//
// What belongs to an extension is left out. Functions, triggers, rules, policies, statistics,
// publications and rights are not read.
namespace godwit::connectors::postgres {

// In an order that mostly has each after what it refers to. Within the caller's transaction, if
// there is one.
base::StatusOr<std::vector<connector::CatalogObject>> ReadObjects(
    Connection& connection, const connector::TableFilter& filter,
    const std::vector<connector::ObjectKind>& kinds);

// The one of this kind and name; nothing when there is none. An extension is found in any schema.
base::StatusOr<std::optional<connector::CatalogObject>> ReadObject(Connection& connection,
                                                                   connector::ObjectKind kind,
                                                                   const std::string& schema,
                                                                   const std::string& name);

// "SELECT pg_catalog.setval(...)" for each sequence of a column of these tables: what gives a
// target's sequences the values that they have here now.
base::StatusOr<std::vector<std::string>> SequenceValues(Connection& connection,
                                                        const std::vector<model::TableName>& names);

}  // namespace godwit::connectors::postgres
