#pragma once

#include <string_view>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// Whether two statements that make a view, as object_reader writes them, make the same one. Servers
// of other versions write the query of one view in other words (before PostgreSQL 16 each column
// with its table), so that where the queries alone differ it is asked what `connection`, which has
// written `here`, makes of the query of `there`: a temporary view, rolled back. To be called
// outside of a transaction.
base::StatusOr<bool> IsSameView(Connection& connection, std::string_view there,
                                std::string_view here);

}  // namespace godwit::connectors::postgres
