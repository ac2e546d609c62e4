#pragma once

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/position.h"

namespace godwit::connectors::postgres {

// Begins a transaction that reads, on a snapshot of its own. The snapshot is taken with the first
// statement that looks at rows: what is to be locked is locked before. Nothing is compiled: reading
// many rows the plain way gains nothing by it.
base::Status BeginReading(Connection& connection);

// Takes the transaction's snapshot, and says what it sees.
base::StatusOr<LogPosition> TakeSnapshot(Connection& connection);

// The end of the log now: nothing that was ever visible was committed after it.
base::StatusOr<wire::postgres::Lsn> ReadLogEnd(Connection& connection);

// Has the server write its log to disk up to `end`, beyond which streams do not get. What is no
// commit (readers that tidy a page) otherwise waits for the next one, or for up to 15 s.
void WriteOutLog(Connection& connection, wire::postgres::Lsn end);

}  // namespace godwit::connectors::postgres
