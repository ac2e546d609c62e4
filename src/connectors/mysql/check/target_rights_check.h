#pragma once

#include <string>

#include "connector/catalog.h"
#include "connector/check_list.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/server_settings.h"

namespace godwit::connectors::mysql {

// Whether the user may do what a migration of `catalog` does, and whether those in whose names its
// views and other objects run exist on the target.
void CheckTargetRights(Connection& target, const Settings& settings, const std::string& meta_schema,
                       const connector::Catalog& catalog, connector::CheckList& list);

// Whether the user may write to a server that is read_only.
base::StatusOr<bool> IsExemptFromReadOnly(Connection& target);

}  // namespace godwit::connectors::mysql
