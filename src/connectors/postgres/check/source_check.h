#pragma once

#include <optional>
#include <string>

#include "base/status.h"
#include "connector/check.h"
#include "connectors/postgres/capture/ddl_capture.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/log/replica_identity.h"

namespace godwit::connectors::postgres {

// Whether changes of the database can be followed: settings, rights, free slots, and whether the
// tables have what tells their rows apart. Changes nothing. `hold`: the name of the task's slot.
// `spill_dir`: where large transactions are to wait for their commit; nothing: on the server.
// `capture`: DDL is to be captured by event triggers. `to_others`: the target is of another family.
base::StatusOr<connector::CheckReport> CheckSource(
    Connection& source, const connector::CheckScope& scope, const std::string& hold,
    const std::optional<std::string>& spill_dir, MissingIdentity missing_identity,
    const std::optional<CaptureScope>& capture, bool to_others);

}  // namespace godwit::connectors::postgres
