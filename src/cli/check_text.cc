#include "cli/check_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace godwit::cli {
namespace {

using connector::CheckItem;
using connector::CheckReport;
using connector::CheckResult;

const char* ResultText(CheckResult result) {
  switch (result) {
    case CheckResult::kPass:
      return "pass";
    case CheckResult::kWarn:
      return "warn";
    case CheckResult::kFail:
      return "fail";
  }
  return "?";
}

int64_t Count(const CheckReport& report, CheckResult result) {
  return std::count_if(report.begin(), report.end(),
                       [&](const CheckItem& item) { return item.result == result; });
}

}  // namespace

std::string CheckLine(const CheckItem& item) {
  std::string line = fmt::format("{}  {}: {}", ResultText(item.result), item.name, item.finding);
  if (!item.remedy.empty()) line += "; " + item.remedy;
  return line;
}

std::string CheckTotals(const CheckReport& report) {
  const int64_t warnings = Count(report, CheckResult::kWarn);
  return fmt::format("{} passed, {} warning{}, {} failed", Count(report, CheckResult::kPass),
                     warnings, warnings == 1 ? "" : "s", Count(report, CheckResult::kFail));
}

std::string CheckJson(const CheckReport& report) {
  nlohmann::ordered_json json;
  json["passed"] = Count(report, CheckResult::kPass);
  json["warnings"] = Count(report, CheckResult::kWarn);
  json["failed"] = Count(report, CheckResult::kFail);
  json["items"] = nlohmann::ordered_json::array();
  for (const CheckItem& item : report) {
    json["items"].push_back({{"name", item.name},
                             {"result", ResultText(item.result)},
                             {"finding", item.finding},
                             {"remedy", item.remedy}});
  }
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace godwit::cli
