#pragma once

#include "connector/catalog.h"
#include "connector/check_list.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/server_settings.h"

namespace godwit::connectors::mysql {

// The part of CheckTarget that looks at events: those that the target runs in the task's schemas,
// and whether it knows the time zones of the task's own as the source does. `settings`: the
// target's.
void CheckEvents(Connection& target, const Settings& settings, const connector::Catalog& catalog,
                 connector::CheckList& list);

}  // namespace godwit::connectors::mysql
