#pragma once

#include "connector/check.h"
#include "connectors/mysql/check_list.h"
#include "connectors/mysql/connection.h"

namespace godwit::connectors::mysql {

// The part of CheckSource that looks at the tables, and at the objects that are left behind.
void CheckSourceTables(Connection& source, const connector::CheckScope& scope,
                       const connector::Catalog& catalog, CheckList& list);

}  // namespace godwit::connectors::mysql
