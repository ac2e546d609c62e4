#pragma once

#include "connector/catalog.h"
#include "connector/check.h"
#include "connector/check_list.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/server_settings.h"

namespace godwit::connectors::mysql {

// Whether the target's disk has room for what is to be copied. How much is free is known where the
// server has its plugin DISKS, or runs on this machine with its data folder in sight.
void CheckRoom(Connection& target, const Settings& settings, const connector::CheckScope& scope,
               const connector::Catalog& catalog, connector::CheckList& list);

}  // namespace godwit::connectors::mysql
