#include "connectors/postgres/log/visibility.h"

#include <chrono>
#include <optional>
#include <string>
#include <thread>

namespace godwit::connectors::postgres {

using wire::postgres::Snapshot;

base::StatusOr<Snapshot> ReadSnapshot(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(const std::string text,
                          connection.QueryValue("SELECT pg_catalog.txid_current_snapshot()"));
  std::optional<Snapshot> snapshot = wire::postgres::ParseSnapshot(text);
  if (!snapshot) return base::Internal("{}: '{}' is no snapshot", connection.side(), text);
  return *std::move(snapshot);
}

base::Status WaitUntilVisible(Connection& connection, uint32_t xid) {
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(const Snapshot now, ReadSnapshot(connection));
    if (now.Sees(wire::postgres::FullXidNear(xid, now.xmax))) return base::OkStatus();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace godwit::connectors::postgres
