#pragma once

#include "base/status.h"
#include "connector/catalog.h"
#include "connector/check.h"
#include "connectors/postgres/connection.h"

namespace godwit::connectors::postgres {

// Whether the database can take in what `catalog` lists. Changes nothing.
base::StatusOr<connector::CheckReport> CheckTarget(Connection& target,
                                                   const connector::CheckScope& scope,
                                                   const connector::Catalog& catalog);

}  // namespace godwit::connectors::postgres
