#pragma once

#include <string>
#include <vector>

#include "server/standing.h"

namespace godwit::cli {

// Where a task stands, for people: a line each. `now_ms`: the time, Unix milliseconds.
std::vector<std::string> StandingLines(const std::string& task, const server::Standing& standing,
                                       int64_t now_ms);

// The same as one JSON object.
std::string StandingJson(const std::string& task, const server::Standing& standing);

}  // namespace godwit::cli
