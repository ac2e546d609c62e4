#pragma once

#include <cstdint>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"
#include "wire/postgres/snapshot.h"

namespace godwit::connectors::postgres {

// What the server's sessions see now.
base::StatusOr<wire::postgres::Snapshot> ReadSnapshot(Connection& connection);

// Waits until they see the transaction, whose commit the log has: it is there before others see it,
// with synchronous replication long before. What is asked of the catalogue after this is not of
// before the transaction.
base::Status WaitUntilVisible(Connection& connection, uint32_t xid);

}  // namespace godwit::connectors::postgres
