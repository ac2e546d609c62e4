#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/quantity_text.h"
#include "server/plan.h"

namespace godwit::cli {
namespace {

using nlohmann::ordered_json;
using server::PlannedTable;
using server::TaskPlan;

struct PlanArguments {
  TaskArguments task;
  bool json = false;
};

uint64_t TotalRows(const TaskPlan& plan) {
  uint64_t rows = 0;
  for (const PlannedTable& table : plan.tables) rows += table.estimated_rows;
  return rows;
}

uint64_t TotalBytes(const TaskPlan& plan) {
  uint64_t bytes = 0;
  for (const PlannedTable& table : plan.tables) bytes += table.estimated_bytes;
  return bytes;
}

void PrintJson(const config::Task& task, const TaskPlan& plan) {
  ordered_json json;
  json["task"] = task.name;
  json["mode"] = config::ModeName(task.mode);
  json["goes_on_from"] = plan.goes_on_from ? ordered_json(connector::ToString(*plan.goes_on_from))
                                           : ordered_json(nullptr);
  json["estimated_rows"] = TotalRows(plan);
  json["estimated_bytes"] = TotalBytes(plan);
  json["tables"] = ordered_json::array();
  for (const PlannedTable& table : plan.tables) {
    json["tables"].push_back({{"name", table.name},
                              {"estimated_rows", table.estimated_rows},
                              {"estimated_bytes", table.estimated_bytes},
                              {"ranges", table.ranges},
                              {"chunks", table.chunks},
                              {"one_snapshot", table.one_snapshot},
                              {"notes", table.notes},
                              {"conflict", table.conflict}});
  }
  json["ddl"] = {{"before_copy", plan.before_copy},
                 {"after_table", plan.after_table},
                 {"after_copy", plan.after_copy}};
  fmt::print("{}\n", json.dump(2, ' ', false, ordered_json::error_handler_t::replace));
}

void PrintStatements(const char* heading, const std::vector<std::string>& statements) {
  if (statements.empty()) return;
  fmt::print("\n-- {}\n", heading);
  for (const std::string& statement : statements) fmt::print("{};\n", statement);
}

// Lines of a comment, so that the whole can be read as SQL.
void PrintConflict(const PlannedTable& table) {
  std::string text = table.conflict;
  for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 4) {
    text.replace(at, 1, "\n--   ");
  }
  fmt::print("-- CONFLICT {}\n", text);
}

void PrintText(const config::Task& task, const TaskPlan& plan) {
  fmt::print("-- task {} ({}): {} to {}\n", task.name, config::ModeName(task.mode),
             task.source.ToString(), task.target.ToString());
  if (plan.goes_on_from) {
    fmt::print("-- it has begun, and goes on from the phase {}: nothing is made again\n",
               connector::ToString(*plan.goes_on_from));
  }
  fmt::print("-- {} tables, about {} rows and {}\n", plan.tables.size(), CountText(TotalRows(plan)),
             BytesText(static_cast<double>(TotalBytes(plan))));
  fmt::print("--\n-- {:<40} {:>14} {:>12} {:>7} {:>7}\n", "table", "rows (about)", "size", "ranges",
             "chunks");
  for (const PlannedTable& table : plan.tables) {
    fmt::print("-- {:<40} {:>14} {:>12} {:>7} {:>7}{}\n", table.name,
               CountText(table.estimated_rows),
               BytesText(static_cast<double>(table.estimated_bytes)), table.ranges, table.chunks,
               table.one_snapshot ? "  in one piece" : "");
  }
  for (const PlannedTable& table : plan.tables) {
    if (!table.conflict.empty()) PrintConflict(table);
    for (const std::string& note : table.notes) fmt::print("-- NOTE {}: {}\n", table.name, note);
  }
  PrintStatements("before the copy (databases only where they are missing)", plan.before_copy);
  PrintStatements("as soon as the rows of each table are in", plan.after_table);
  PrintStatements("when all is copied", plan.after_copy);
}

ExitCode Plan(const PlanArguments& options) {
  auto task = options.task.Load();
  if (!task.ok()) return Fail(task.status());
  auto plan = server::PlanTask(*task);
  if (!plan.ok()) return Fail(plan.status());
  if (options.json) {
    PrintJson(*task, *plan);
  } else {
    PrintText(*task, *plan);
  }
  return plan->has_conflicts() ? kFound : kDone;
}

}  // namespace

Command AddPlanCommand(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand("plan", "Print what a run would do; changes nothing");
  app->footer(
      "Tables with their estimated rows and bytes, the ranges and chunks of their copy, and the "
      "DDL in\n"
      "the order of its execution. The output is SQL, with all else in comments.\n\n"
      "Examples:\n"
      "  godwit plan shop.yaml\n"
      "  godwit plan shop.yaml --json | jq '.tables[].name'\n\n"
      "Exit codes: 0 done, 1 failed, 2 bad usage or task file, 3 a table of the target is in the "
      "way.");
  auto options = std::make_shared<PlanArguments>();
  options->task.AddTo(*app);
  app->add_flag("--json", options->json, "Print one JSON object");
  return {app, [options] { return Plan(*options); }};
}

}  // namespace godwit::cli
