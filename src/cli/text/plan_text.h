#pragma once

#include <string>
#include <vector>

#include "cli/text/json_fields.h"

namespace godwit::cli {

// What a run would do (server::PlanJson) as SQL, with all else in comments. `ends`: between which
// servers.
std::vector<std::string> PlanLines(const Json& plan, const std::string& ends);

}  // namespace godwit::cli
