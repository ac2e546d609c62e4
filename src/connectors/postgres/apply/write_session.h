#pragma once

#include <cstdint>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// How triggers, rules and foreign keys are kept from acting on what is written: what they did on
// the source comes as rows.
enum class Holding : uint8_t {
  kByRole,     // session_replication_role = replica
  kByAbsence,  // there are none, as the role may not set that (absent_keys.h)
};

// Makes it a session that writes rows as they were on the source. What it commits is durable,
// whatever the server's default. kUnavailable: the role may not set session_replication_role, other
// than when Destination::HoldKeysBack asked, which has to be done again.
base::Status BeginWriting(Connection& connection, Holding holding);

}  // namespace godwit::connectors::postgres
