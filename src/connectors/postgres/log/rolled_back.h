#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// Of these subtransactions, the ones that were rolled back. Their transaction has been committed,
// as the log says, and may not be visible yet. From PostgreSQL 13 on. kFailedPrecondition: the
// server does not know any more; says what to do.
//
// To be asked because a server does not always send the Stream Abort of a subtransaction (seen in
// 15.18): not where it had more than 4096 changes of it on its disk before it sent them, as of a
// large value's pieces, or of a transaction that was in progress before the stream was opened.
base::StatusOr<std::vector<uint32_t>> FindRolledBack(Connection& connection,
                                                     const std::vector<uint32_t>& subtransactions);

}  // namespace godwit::connectors::postgres
