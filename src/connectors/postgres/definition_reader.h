#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/connection.h"
#include "connectors/postgres/definition.h"

namespace godwit::connectors::postgres {

// A table of the catalogue, by its number.
struct ReadTable {
  std::string oid;
  Definition definition;
  uint64_t rows = 0, pages = 0;  // estimates
};

// Adds to tables, of which pg_class has told, what they are made of: partitions, whose rows and
// pages count for their root, columns, constraints and indexes. A statement for each of the four,
// however many tables there are. kAborted: something was dropped meanwhile.
base::Status ReadParts(Connection& connection, std::vector<ReadTable>& tables);

}  // namespace godwit::connectors::postgres
