#pragma once

#include <string>
#include <vector>

#include "cli/text/json_fields.h"

namespace godwit::cli {

// GET /tasks/{task}/tables: a line for each table, and below what is wrong with which.
std::vector<std::string> TableStateLines(const Json& answer);

// Of a run's status: "6 streaming, 1 error"; empty: nothing is known.
std::string TableCountsText(const Json& status);
// Of the same, a line for each table that is not well.
std::vector<std::string> TroubledTableLines(const Json& status);

}  // namespace godwit::cli
