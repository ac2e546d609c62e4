#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace godwit::connector {

enum class CheckResult : uint8_t { kPass, kWarn, kFail };

// One line of `godwit check`: what was looked at, what was found, and what to do about it.
struct CheckItem {
  std::string name;     // e.g. "source: binlog_format"
  CheckResult result = CheckResult::kPass;
  std::string finding;
  std::string remedy;   // empty when passed
};

using CheckReport = std::vector<CheckItem>;

}  // namespace godwit::connector
