#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"
#include "model/cell.h"
#include "model/table.h"

namespace godwit::connectors::postgres {

// Inserts rows by COPY in the open transaction, which is the fastest way for many. They must not be
// there, and have all columns that are written, of which there are some. Gives how many it took.
// Identity columns get the rows' values here as well. Large values are sent in pieces.
base::StatusOr<uint64_t> CopyRows(Connection& connection, const model::Table& table,
                                  const std::vector<model::Row>& rows);

// What the values take.
size_t BytesOf(model::Row row);

// Appends the value as a field of COPY's text format.
// https://www.postgresql.org/docs/current/sql-copy.html
void AppendCopyField(std::string& text, const model::Cell& cell);

}  // namespace godwit::connectors::postgres
