#pragma once

#include "connector/catalog.h"
#include "connector/check_list.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// Whether the role may read the log and these tables and put them into a publication. What it lacks
// is told all at once, with the statements that give it: none gives it a superuser's role.
void CheckSourceRights(Connection& source, const connector::Catalog& catalog,
                       connector::CheckList& list);

}  // namespace godwit::connectors::postgres
