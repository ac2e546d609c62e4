#pragma once

#include <string>
#include <vector>

#include "server/comparison.h"

namespace godwit::cli {

// What a comparison found, for people: a line per table, and a line per sample below it.
std::vector<std::string> ComparisonLines(const verify::VerifyReport& report);

// The same as one JSON object.
std::string ComparisonJson(const std::string& task, const verify::VerifyReport& report);

}  // namespace godwit::cli
