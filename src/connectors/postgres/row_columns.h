#pragma once

#include <string>
#include <vector>

#include "model/table.h"

namespace godwit::connectors::postgres {

// The columns that rows are written with, in order: all but those that the server computes, and
// those that the target's table lacks. The same for a copy's chunks on both ends.
std::vector<int> WrittenColumns(const model::Table& table);

// Their names, or those of other columns: "id", "name".
std::string ColumnNames(const model::Table& table, const std::vector<int>& columns);

}  // namespace godwit::connectors::postgres
