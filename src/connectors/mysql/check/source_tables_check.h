#pragma once

#include "connector/check.h"
#include "connector/check_list.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/server_settings.h"

namespace godwit::connectors::mysql {

// The part of CheckSource that looks at the tables, and at the objects that are left behind.
void CheckSourceTables(Connection& source, const Settings& settings,
                       const connector::CheckScope& scope, const connector::Catalog& catalog,
                       connector::CheckList& list);

}  // namespace godwit::connectors::mysql
