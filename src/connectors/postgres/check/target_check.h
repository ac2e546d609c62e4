#pragma once

#include "base/status.h"
#include "connector/catalog.h"
#include "connector/check.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/schema/schema_writer.h"
#include "connectors/postgres/state/state_store.h"

namespace godwit::connectors::postgres {

// Whether the database can take in what `catalog` lists, in definitions of PostgreSQL. `store` says
// which tables are the task's own. Changes nothing.
base::StatusOr<connector::CheckReport> CheckTarget(Connection& target, const StateStore& store,
                                                   const connector::CheckScope& scope,
                                                   const connector::Catalog& catalog,
                                                   DifferenceText difference);

}  // namespace godwit::connectors::postgres
