#pragma once

#include "connector/catalog.h"
#include "connector/check_list.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/server_settings.h"

namespace godwit::connectors::mysql {

// Whether rows are logged with all of their columns, and if not, which tables of `catalog` have
// changes that cannot be made without the others.
void CheckRowImage(const Connection& source, const Settings& settings,
                   const connector::Catalog& catalog, connector::CheckList& list);

}  // namespace godwit::connectors::mysql
