#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// Whether two statements that make a view, as object_reader writes them, make the same one. Servers
// of other versions write the query of one view in other words (before PostgreSQL 16 each column
// with its table), so that where the queries alone differ it is asked what `connection`, which has
// written `here`, makes of the query of `there`: a view godwit_view in `schema`, rolled back. To be
// called outside of a transaction, and is so afterwards.
base::StatusOr<bool> IsSameView(Connection& connection, const std::string& schema,
                                std::string_view there, std::string_view here);

}  // namespace godwit::connectors::postgres
