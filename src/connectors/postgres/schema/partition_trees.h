#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/catalog.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/definition/definition.h"

// Partitioned tables whose leaves are tables of a task (tables.partitions: leaf). While the task
// writes, its leaves are tables of their own on the target, so that each can be made, copied and
// altered by itself. Once all is applied, what they are leaves of is made above them as the source
// has it by then: a *tree*. docs/adr/0012-partitions-by-leaf.md.
namespace godwit::connectors::postgres {

// The trees of the database with leaves that the filter lets through, each with these leaves alone,
// and what leads to them. One object each (kPartitioned), named after the root: its statement is
// the root's definition, a document.
base::StatusOr<std::vector<connector::CatalogObject>> ReadTrees(
    Connection& connection, const connector::TableFilter& filter);

// What makes it on a target that has the leaves, as SQL.
base::StatusOr<std::vector<std::string>> TreeStatements(const connector::CatalogObject& tree);

// Puts all leaves of each tree into it, and makes what of it is missing; then the foreign keys that
// refer to the trees. May be repeated. kFailedPrecondition: what the target has above the leaves is
// another, or a row has no place in it.
base::Status PutTogether(Connection& target, const std::vector<connector::CatalogObject>& trees);

// Makes tables of their own of those of these that are leaves, and drops what has none left then,
// unless something else is made of it. `all`, asked where there are any: the task's tables; foreign
// keys from them are dropped where they refer to a tree that is taken apart, and others are
// kFailedPrecondition. May be repeated.
base::Status TakeApart(Connection& target, const std::vector<model::TableName>& leaves,
                       const std::function<base::StatusOr<std::set<model::TableName>>()>& all);

}  // namespace godwit::connectors::postgres
