#pragma once

#include "connectors/postgres/definition/definition.h"

namespace godwit::connectors::postgres {

// Whether a table's rows may be copied in COPY's binary format, which costs both servers less than
// text: values of all columns have one binary form on all servers, whatever their versions,
// settings and numbers of types. `source_version`: of the server that writes them
// (Connection::server_version).
bool HasBinaryRows(const Definition& definition, int source_version);

}  // namespace godwit::connectors::postgres
