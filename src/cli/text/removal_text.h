#pragma once

#include <string>
#include <vector>

#include "cli/text/json_fields.h"

namespace godwit::cli {

// What a removal (server::RemovalJson) has done, for people.
std::vector<std::string> RemovalLines(const Json& removal);

}  // namespace godwit::cli
