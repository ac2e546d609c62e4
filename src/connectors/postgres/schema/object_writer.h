#pragma once

#include <string>
#include <vector>

#include "connector/destination.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// Creates objects, and the schemas that they are in, in an order in which each finds what it refers
// to, and runs what is in their `after`. One that is there and is the same is kept; one that
// differs is an error unless `if_exists` says to replace it, which drops nothing that depends on it
// but views that are among `objects`. In the end, rights are given.
base::Status CreateObjects(Connection& target, std::vector<connector::CatalogObject> objects,
                           connector::IfExists if_exists);

// Not those that tables are made of, which keep them from being dropped.
bool MayBeReplaced(const connector::CatalogObject& object);

// Whether the target has one of its name that differs. Changes nothing.
base::StatusOr<bool> HasOther(Connection& target, const connector::CatalogObject& object);

// The word for its kind, and its name: "VIEW shop.totals", "TRIGGER audit ON shop.orders".
std::string Named(const connector::CatalogObject& object);

// Those that are there. Extensions are kept, and what may be another's; and partitioned tables,
// which TakeApart drops.
base::Status DropObjects(Connection& target, const std::vector<connector::CatalogObject>& objects);
// Of these only views and routines for which the table cannot be dropped.
base::Status DropObjectsOf(Connection& target, const model::TableName& table,
                           const std::vector<connector::CatalogObject>& objects);

}  // namespace godwit::connectors::postgres
