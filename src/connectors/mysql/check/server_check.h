#pragma once

#include "connector/check_list.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/connection/server_settings.h"

namespace godwit::connectors::mysql {

// The items of either end: how it is connected, and which server it is.
void CheckServer(const Connection& connection, connector::CheckList& list);

}  // namespace godwit::connectors::mysql
