#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connector/catalog.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// An object that has yet to be described: it has no statement.
struct FoundObject {
  std::string oid;
  connector::CatalogObject object;
};

// Those of these kinds that the filter lets through, triggers and statistics by their tables; and
// what these and the tables cannot do without, whatever its schema: extensions, types and
// kTableRoutine, for triggers and routines unasked. In an order that mostly has each after what it
// refers to. By leaf, views and statistics of partitioned tables come with kPartitioned, and not
// with their own kinds. Within the caller's transaction, if there is one.
base::StatusOr<std::vector<FoundObject>> FindObjects(
    Connection& connection, const connector::TableFilter& filter,
    const std::vector<connector::ObjectKind>& kinds);

// The oids of the relations that the filter lets through, of kinds such as "'r', 'p'"; by leaf
// (Connection::by_leaf) leaves, and with them what they are leaves of.
base::StatusOr<std::vector<std::string>> RelationOids(Connection& connection,
                                                      const connector::TableFilter& filter,
                                                      std::string_view kinds);

// The beginning of a query that may ask two tables with the columns classid and objid, as pg_depend
// has them. `needed`: these relations, routines and triggers, by their oids, and all that they
// cannot do without. `tied`: all relations of users, and all types and routines that cannot be
// there without one.
std::string WithDependencies(const std::vector<std::string>& relations,
                             const std::vector<std::string>& routines,
                             const std::vector<std::string>& triggers);

}  // namespace godwit::connectors::postgres
