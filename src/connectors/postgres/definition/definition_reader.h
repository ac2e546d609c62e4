#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/definition/definition.h"

namespace godwit::connectors::postgres {

// A table of the catalogue, by its number.
struct ReadTable {
  std::string oid;
  Definition definition;
  uint64_t rows = 0, pages = 0;  // estimates
};

// What the catalogue says of tables, as queries: asked by Godwit, or by an event trigger of the
// source (ddl_capture). `tables` and `relations` are expressions of type oid[], the latter with
// the partitions of the tables; `condition` is of pg_class c and pg_namespace n, after an AND.
struct DefinitionRows {
  std::vector<ResultRow> tables, partitions, columns, constraints, indexes;
};
// `by_leaf`: as of Connection; what a leaf has from what it is a part of is its own then.
std::string TablesQuery(std::string_view condition, bool by_leaf);
std::string PartitionsQuery(std::string_view tables);
std::string ColumnsQuery(std::string_view tables, int server_version);
std::string ConstraintsQuery(std::string_view relations, bool by_leaf);
std::string IndexesQuery(std::string_view relations, int server_version, bool by_leaf);

// A row of TablesQuery.
ReadTable ToReadTable(const ResultRow& row);

// Adds to tables, of which pg_class has told, what they are made of: partitions, whose rows and
// pages count for their root, columns, constraints and indexes. A statement for each of the four,
// however many tables there are. kAborted: something was dropped meanwhile.
base::Status ReadParts(Connection& connection, std::vector<ReadTable>& tables, bool by_leaf);

// The same of rows that are there. `side`: whose they are, for errors.
base::StatusOr<std::vector<Definition>> Assemble(std::string_view side, const DefinitionRows& rows);

}  // namespace godwit::connectors::postgres
