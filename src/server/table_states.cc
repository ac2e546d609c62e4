#include "server/table_states.h"

#include <algorithm>

namespace godwit::server {
namespace {

using connector::TableStage;
using connector::TargetForm;
using connector::TaskPhase;
using pipeline::TableBoard;

std::string StateOf(const TableBoard::Table& table, TaskPhase phase) {
  if (!table.error.empty()) return "error";
  switch (table.stage) {
    case TableStage::kCopying:
      return table.rows > 0 || table.ranges_done > 0 ? "copying" : "waiting";
    case TableStage::kCopied:
      return phase == TaskPhase::kCatchingUp ? "catching-up" : "copied";
    case TableStage::kStreaming:
      return phase == TaskPhase::kFinished ? "finished" : "streaming";
    case TableStage::kDropped:
      return "dropped";
    default:
      return "waiting";
  }
}

// Why it is not well; empty: it is.
std::string ProblemOf(const TableBoard::Table& table) {
  if (!table.error.empty()) return table.error;
  switch (table.form) {
    case TargetForm::kDiffers:
      return "a DDL about it was not executed as it stood: its rows are fitted to the target's "
             "table";
    case TargetForm::kMayLack:
      return "the DDL that made it was not executed as it stood: where the target has no such "
             "table, its rows are left out";
    case TargetForm::kAsDefined:
      break;
  }
  return "";
}

// The name that a text is of. Of several that are written alike, as there may be dots in names: one
// that there is.
model::TableName NameFrom(const TableBoard& board, const std::string& text) {
  model::TableName first;
  for (size_t dot = text.find('.'); dot != std::string::npos; dot = text.find('.', dot + 1)) {
    const model::TableName name{text.substr(0, dot), text.substr(dot + 1)};
    if (board.Has(name)) return name;
    if (first.table.empty()) first = name;
  }
  return first;
}

}  // namespace

const std::vector<std::string>& TableStates() {
  static const std::vector<std::string> states = {"waiting",   "copying",  "copied",  "catching-up",
                                                  "streaming", "finished", "dropped", "error"};
  return states;
}

TaskStatus::Tables CountTables(const pipeline::Progress& progress) {
  const TaskPhase phase = progress.phases().back();
  TaskStatus::Tables counts;
  progress.tables.ForEach([&](const model::TableName& name, const TableBoard::Table& table) {
    const std::string state = StateOf(table, phase);
    ++counts.by_state[state];
    std::string problem = ProblemOf(table);
    if (problem.empty()) return;
    ++counts.troubled;
    if (counts.not_well.size() < TaskStatus::Tables::kMostTroubled)
      counts.not_well.push_back({name.ToString(), state, std::move(problem)});
  });
  return counts;
}

base::Status CheckTableQuery(const TableQuery& query) {
  const std::vector<std::string>& states = TableStates();
  const bool is_known = query.state.empty() || query.state == "not-well" ||
                        std::ranges::find(states, query.state) != states.end();
  if (!is_known) {
    return base::InvalidArgument("there is no state \"{}\" of tables: {} or not-well", query.state,
                                 fmt::join(states, ", "));
  }
  if (query.most == 0 || query.most > TableQuery::kMost) {
    return base::InvalidArgument("{} tables cannot be asked for at once: 1 to {}", query.most,
                                 TableQuery::kMost);
  }
  return base::OkStatus();
}

Json TablesJson(const pipeline::Progress& progress, const TableQuery& query) {
  const TaskPhase phase = progress.phases().back();
  const auto wanted = [&](const TableBoard::Table& table) {
    if (query.state.empty()) return true;
    return query.state == "not-well" ? !ProblemOf(table).empty()
                                     : query.state == StateOf(table, phase);
  };
  // One more tells whether there is another page.
  std::vector<TableBoard::Named> list =
      progress.tables.List(NameFrom(progress.tables, query.after), query.most + 1, wanted);
  const bool has_more = list.size() > query.most;
  if (has_more) list.pop_back();
  Json tables = Json::array();
  for (const auto& [name, table] : list) {
    tables.push_back({{"name", name.ToString()},
                      {"state", StateOf(table, phase)},
                      {"problem", ProblemOf(table)},
                      {"ranges", table.ranges},
                      {"ranges_done", table.ranges_done},
                      {"rows", table.rows},
                      {"rows_estimate", table.rows_estimate},
                      {"bytes", table.bytes},
                      {"changes", table.changes}});
  }
  Json next = has_more ? Json(list.back().first.ToString()) : Json(nullptr);
  return {{"tables", std::move(tables)}, {"next", std::move(next)}};
}

}  // namespace godwit::server
