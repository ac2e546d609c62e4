#pragma once

#include <string>

#include "server/checks.h"

namespace godwit::cli {

// An item of a check on one line: "fail  source: binlog_format: STATEMENT; set it to ROW".
std::string CheckLine(const connector::CheckItem& item);

// "23 passed, 1 warning, 0 failed".
std::string CheckTotals(const connector::CheckReport& report);

// {"passed": ..., "warnings": ..., "failed": ..., "items": [...]}, on one line.
std::string CheckJson(const connector::CheckReport& report);

}  // namespace godwit::cli
