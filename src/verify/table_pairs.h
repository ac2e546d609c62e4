#pragma once

#include <memory>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "connector/source.h"
#include "verify/compared_table.h"
#include "verify/verifier.h"

namespace godwit::verify {

// The tables of both sides put together.
struct TablePairs {
  std::vector<connector::CatalogTable> tables;  // of the source; those that can be compared
  std::vector<TableReport> others;              // on one side only, or defined in other ways
};
base::StatusOr<TablePairs> PairTables(connector::Source& source,
                                      connector::Destination& destination,
                                      const connector::TableFilter& filter);

// Why rows of two tables cannot be compared by value: the first thing that is not the same in
// columns and key. Empty when they can.
std::string DefinitionDifference(const model::Table& source, const model::Table& target);

}  // namespace godwit::verify
