#pragma once

#include "base/status.h"
#include "connector/check.h"
#include "connectors/postgres/connection.h"

namespace godwit::connectors::postgres {

// Whether changes of the database can be followed: settings, rights, free slots, and whether the
// tables have what tells their rows apart. Changes nothing. `hold`: the name of the task's slot.
base::StatusOr<connector::CheckReport> CheckSource(Connection& source,
                                                   const connector::CheckScope& scope,
                                                   const std::string& hold);

}  // namespace godwit::connectors::postgres
