#pragma once

#include <optional>
#include <set>
#include <string>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"

namespace godwit::connectors::mysql {

// The XA transactions that are prepared on a server, by names of no other meaning; nothing: the
// account may not know (MySQL tells who has XA_RECOVER_ADMIN).
base::StatusOr<std::optional<std::set<std::string>>> PreparedXa(Connection& connection);

// Waits until all that are prepared now have been committed or rolled back: their changes are in
// the log before this, so that a copy has to have them. kFailedPrecondition: one takes longer than
// ten seconds.
base::Status WaitForPrepared(Connection& connection);

}  // namespace godwit::connectors::mysql
