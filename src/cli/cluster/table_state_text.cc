#include "cli/cluster/table_state_text.h"

#include <fmt/format.h>

#include "cli/text/quantity_text.h"
#include "cli/text/table_text.h"
#include "server/table_states.h"

namespace godwit::cli {
namespace {

// "waiting", or "copying 3 of 8".
std::string StateText(const Json& table) {
  const std::string state = TextOf(table, "state");
  if (state != "copying") return state;
  return fmt::format("{} {} of {} ranges", state, CountOf(table, "ranges_done"),
                     CountOf(table, "ranges"));
}

std::string RowsText(const Json& table) {
  const uint64_t rows = CountOf(table, "rows"), estimate = CountOf(table, "rows_estimate");
  const bool is_under_way = TextOf(table, "state") == "copying" && estimate > rows;
  return is_under_way ? fmt::format("{} of about {}", CountText(rows), CountText(estimate))
                      : CountText(rows);
}

}  // namespace

std::vector<std::string> TableStateLines(const Json& answer) {
  std::vector<std::vector<std::string>> rows = {
      {"SOURCE", "TABLE", "STATE", "ROWS COPIED", "SIZE", "CHANGES"}};
  std::vector<std::string> below;
  for (const Json& subtask : ListOf(answer, "subtasks")) {
    const std::string source = TextOf(subtask, "source");
    if (!FlagOf(subtask, "live")) {
      below.push_back(
          fmt::format("{}: nothing is known of its tables, as only its worker knows, and: {}",
                      source, TextOf(subtask, "live_problem")));
    }
    for (const Json& table : ListOf(subtask, "tables")) {
      rows.push_back({source, TextOf(table, "name"), StateText(table), RowsText(table),
                      BytesText(static_cast<double>(CountOf(table, "bytes"))),
                      CountText(CountOf(table, "changes"))});
      if (const std::string problem = TextOf(table, "problem"); !problem.empty())
        below.push_back(fmt::format("{}: table {}: {}", source, TextOf(table, "name"), problem));
    }
  }
  std::vector<std::string> lines;
  if (rows.size() > 1) lines = TableLines(std::move(rows));
  if (lines.empty() && below.empty()) lines.emplace_back("there are no such tables");
  lines.insert(lines.end(), below.begin(), below.end());
  return lines;
}

std::string TableCountsText(const Json& status) {
  const Json& counts = FieldOf(FieldOf(status, "tables"), "by_state");
  std::string text;
  for (const std::string& state : server::TableStates()) {
    const uint64_t count = CountOf(counts, state.c_str());
    if (count > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", CountText(count), state);
  }
  return text;
}

std::vector<std::string> TroubledTableLines(const Json& status) {
  const Json& tables = FieldOf(status, "tables");
  std::vector<std::string> lines;
  for (const Json& one : ListOf(tables, "not_well")) {
    lines.push_back(fmt::format("table {} ({}): {}", TextOf(one, "table"), TextOf(one, "state"),
                                TextOf(one, "problem")));
  }
  if (const uint64_t all = CountOf(tables, "troubled"); all > lines.size()) {
    lines.push_back(
        fmt::format("{} more tables are not well: `godwit task status NAME --tables "
                    "--state not-well` lists them all",
                    CountText(all - lines.size())));
  }
  return lines;
}

}  // namespace godwit::cli
