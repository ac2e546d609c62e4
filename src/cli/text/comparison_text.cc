#include "cli/text/comparison_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/text/quantity_text.h"

namespace godwit::cli {
namespace {

using nlohmann::ordered_json;
using verify::RowSample;
using verify::TableReport;
using verify::VerifyReport;

uint64_t RowsOf(const TableReport& table) {
  return table.equal + table.missing + table.extra + table.different + table.unsettled;
}

std::string TableLine(const TableReport& table) {
  std::string text =
      fmt::format("{:<14} {}: ", verify::ToString(table.result), table.name.ToString());
  if (!table.problem.empty()) return text + table.problem;
  std::vector<std::string> parts = {fmt::format("{} rows equal", CountText(table.equal))};
  for (const auto& [count, what] :
       {std::pair(table.missing, "missing on the target"),
        std::pair(table.extra, "extra on the target"), std::pair(table.different, "different"),
        std::pair(table.unsettled, "still changing")}) {
    if (count > 0) parts.push_back(fmt::format("{} {}", CountText(count), what));
  }
  return text + fmt::format("{}", fmt::join(parts, ", "));
}

std::string SampleLine(const RowSample& sample) {
  std::string text = fmt::format("  {:<10} {}", verify::ToString(sample.difference), sample.row);
  if (!sample.columns.empty()) text += fmt::format(" (in {})", fmt::join(sample.columns, ", "));
  return text;
}

}  // namespace

std::vector<std::string> ComparisonLines(const VerifyReport& report) {
  std::vector<std::string> lines;
  uint64_t rows = 0, equal_tables = 0;
  for (const TableReport& table : report.tables) {
    rows += RowsOf(table);
    equal_tables += table.result == verify::TableResult::kEqual ? 1 : 0;
    lines.push_back(TableLine(table));
    for (const RowSample& sample : table.samples) lines.push_back(SampleLine(sample));
  }
  lines.push_back(fmt::format("{}: {} of {} tables, {} rows compared",
                              report.equal() ? "equal" : "NOT EQUAL", equal_tables,
                              report.tables.size(), CountText(rows)));
  return lines;
}

std::string ComparisonJson(const std::string& task, const VerifyReport& report) {
  ordered_json json;
  json["task"] = task;
  json["equal"] = report.equal();
  json["tables"] = ordered_json::array();
  for (const TableReport& table : report.tables) {
    ordered_json samples = ordered_json::array();
    for (const RowSample& sample : table.samples) {
      samples.push_back({{"difference", verify::ToString(sample.difference)},
                         {"row", sample.row},
                         {"columns", sample.columns}});
    }
    json["tables"].push_back({{"name", table.name.ToString()},
                              {"result", verify::ToString(table.result)},
                              {"has_key", table.has_key},
                              {"equal", table.equal},
                              {"missing", table.missing},
                              {"extra", table.extra},
                              {"different", table.different},
                              {"unsettled", table.unsettled},
                              {"left_out", table.left_out},
                              {"samples", std::move(samples)},
                              {"problem", table.problem}});
  }
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace godwit::cli
