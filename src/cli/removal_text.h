#pragma once

#include <string>
#include <vector>

#include "server/removal.h"

// What `godwit remove` prints.
namespace godwit::cli {

std::vector<std::string> RemovalLines(const std::string& task, const server::Removal& removal);
std::string RemovalJson(const std::string& task, const server::Removal& removal);

}  // namespace godwit::cli
