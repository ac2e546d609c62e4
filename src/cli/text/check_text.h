#pragma once

#include <string>

#include "cli/text/json_fields.h"

// What a check found (server::CheckJson), for people.
namespace godwit::cli {

// An item on one line: "fail  source: binlog_format: STATEMENT; set it to ROW".
std::string CheckLine(const Json& item);

// "23 passed, 1 warning, 0 failed".
std::string CheckTotals(const Json& report);

}  // namespace godwit::cli
