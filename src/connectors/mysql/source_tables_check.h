#pragma once

#include "connector/check.h"
#include "connectors/mysql/check_list.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/server_settings.h"

namespace godwit::connectors::mysql {

// The part of CheckSource that looks at the tables, and at the objects that are left behind.
void CheckSourceTables(Connection& source, const Settings& settings,
                       const connector::CheckScope& scope, const connector::Catalog& catalog,
                       CheckList& list);

}  // namespace godwit::connectors::mysql
