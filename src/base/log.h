#pragma once

#include <spdlog/spdlog.h>

#include <string>

namespace godwit::base {

// Sends the process's log lines (spdlog's default logger) to standard error, from `level` up
// (trace, debug, info, warn, error). Call before the first thread starts.
void StartLogging(const std::string& level);

}  // namespace godwit::base
