#pragma once

#include "base/status.h"
#include "connector/catalog.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// Adds, for a target of another family, what columns of the catalogue's tables give next by their
// sequences (CatalogObject::next_value). Those that count downwards are left out.
base::Status AddNextValues(Connection& connection, connector::Catalog& catalog);

}  // namespace godwit::connectors::postgres
