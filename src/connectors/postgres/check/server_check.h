#pragma once

#include "connector/check_list.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// Its version, and the encoding of the database: values travel as UTF-8.
void CheckServer(Connection& connection, connector::CheckList& list);

}  // namespace godwit::connectors::postgres
