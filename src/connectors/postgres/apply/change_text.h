#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/table.h"

namespace godwit::connectors::postgres {

// What columns are set to: SQL of the column's type.
using Assignments = std::vector<std::pair<int, std::string>>;

// Whether the column may be GENERATED ALWAYS AS IDENTITY, which no UPDATE may set.
bool MayRefuseUpdates(const model::Column& column);

// The statement that changes rows of the table, which it calls t. `from`: what stands beside it in
// FROM, or nothing. Where a column may refuse to be set, rows are deleted and inserted again as
// they then are, in the same statement, which affects as many.
std::string ChangeText(const model::Table& table, const Assignments& set, std::string_view from,
                       std::string_view where);

}  // namespace godwit::connectors::postgres
