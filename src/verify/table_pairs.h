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

// The table as whose rows those of both sides are compared: the source's, or, of servers of two
// families, the one whose columns have kinds. Where no order is common to both sides it is without
// keys: all rows at once. `here`: what is to be on the target, `target`: what is.
model::TablePtr AsCompared(const model::TablePtr& source, const model::Table& here,
                           const model::TablePtr& target);

}  // namespace godwit::verify
