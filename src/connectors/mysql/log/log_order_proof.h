#pragma once

#include <atomic>

#include "base/status.h"
#include "config/endpoint.h"
#include "connector/source.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/log/server_move.h"

namespace godwit::connectors::mysql {

// Of a MariaDB server at which a task may go on, as far as what it says of itself tells (GoOnAt):
// proves that its log is in order up to where the target stands, as far back as the files go in
// which the transactions of that place are (LogOrder). Reads these from their beginnings, over
// connections of its own, which are opened to `host`; no further than to what was there when
// `server` was asked. `control`: a connection to it.
//
// kFailedPrecondition: it is not in order. kUnavailable: it could not be read, which may pass.
// kCancelled: `cancelled` was set meanwhile, which is looked at each second.
base::Status ProveOrder(const config::Endpoint& host, Connection& control,
                        const ServerFacts& server, const connector::LogNeed& need,
                        const std::atomic<bool>& cancelled);

}  // namespace godwit::connectors::mysql
