#pragma once

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// Makes it a session that writes rows as they were on the source: triggers, rules and foreign keys
// are held back (session_replication_role = replica), as what they did there comes as rows too; a
// role that may not do that writes to tables that have none (absent_keys.h). What it commits is
// durable, whatever the server's default.
base::Status BeginWriting(Connection& connection);

}  // namespace godwit::connectors::postgres
