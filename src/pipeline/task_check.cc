#include "pipeline/task_check.h"

#include <algorithm>

#include "pipeline/source_move.h"
#include "pipeline/task_objects.h"
#include "pipeline/task_scope.h"

namespace godwit::pipeline {
namespace {

using connector::CheckReport;
using connector::CheckResult;

std::string PatternsOf(const config::Task& task) {
  std::string text;
  for (const config::TablePattern& pattern : task.tables.include())
    text += (text.empty() ? "" : ", ") + pattern.text();
  return text;
}

// An online schema change that goes on, or was given up.
void CheckOnlineDdl(const config::Task& task, connector::Source& source, CheckReport& report) {
  const connector::TableFilter filter = FilterOf(task);
  if (!filter.online_ddl) return;
  connector::TableFilter of_tools = filter;
  of_tools.table = [&](std::string_view schema, std::string_view table) {
    return filter.online_ddl(schema, table, "") != connector::OnlineDdlRole::kNone;
  };
  auto catalog = source.ReadCatalog(of_tools, {});
  if (!catalog.ok() || catalog->tables.empty()) return;
  std::string names;
  for (const connector::CatalogTable& table : catalog->tables)
    names += (names.empty() ? "" : ", ") + table.definition.table->name.ToString();
  report.push_back(
      {"source: online schema changes", CheckResult::kWarn,
       fmt::format("by their names these belong to one, and are not migrated: {}", names),
       "if they are tables like any other, say `online_ddl: false`, or give "
       "`online_ddl_shadow` and `online_ddl_trash` other patterns"});
}

}  // namespace

CheckReport CheckTask(const config::Task& task, connector::Source& source,
                      connector::Destination& destination, bool restart) {
  connector::CheckScope scope = ScopeOf(task);
  const auto state = destination.LoadState();
  if (!restart && state.ok() && *state) {
    scope.resume_at = (*state)->applied;
    const connector::LogNeed need = NeedOf(**state);
    scope.resume_server = need.server;
    scope.resume_needs_log = need.needs_log;
    scope.finished = (*state)->phase == connector::TaskPhase::kFinished;
  }
  base::StatusOr<model::Position> start = model::Position{};
  if (scope.resume_at.empty()) start = ChosenStart(task, source);
  if (start.ok()) scope.start_at = *start;
  CheckReport report = source.Check(scope);
  // One failure and nothing else: there was no connection.
  const bool reached = report.size() != 1 || !HasFailures(report);
  if (reached && !start.ok()) {
    report.push_back({"source: log position", CheckResult::kFail,
                      std::string(start.status().message()),
                      "write `stream.start` as the source writes its positions",
                      absl::IsUnavailable(start.status())});
  }
  auto catalog = source.ReadCatalog(scope.filter, ObjectKindsOf(task, source));
  if (!reached) {
    catalog = connector::Catalog{};
  } else if (!catalog.ok()) {
    report.push_back({"source: tables", CheckResult::kFail, std::string(catalog.status().message()),
                      "make the definition readable, or leave the table out with `tables.exclude`",
                      absl::IsUnavailable(catalog.status())});
  } else if (catalog->tables.empty()) {
    // A task that has begun may have followed its tables to their end.
    const bool begun = !scope.resume_at.empty();
    report.push_back({"source: tables", begun ? CheckResult::kWarn : CheckResult::kFail,
                      fmt::format("none matches {}", PatternsOf(task)),
                      "mind the spelling and the case of `tables.include`; the user sees only "
                      "tables that it has a right on"});
  } else {
    uint64_t rows = 0, bytes = 0;
    for (const connector::CatalogTable& table : catalog->tables)
      rows += table.estimated_rows, bytes += table.estimated_bytes;
    report.push_back({"source: tables", CheckResult::kPass,
                      fmt::format("{} matching, about {} rows, {} MiB", catalog->tables.size(),
                                  rows, bytes >> 20),
                      ""});
  }
  if (reached) CheckOnlineDdl(task, source, report);
  const CheckReport of_target =
      destination.Check(scope, catalog.ok() ? *catalog : connector::Catalog{});
  report.insert(report.end(), of_target.begin(), of_target.end());
  // All of it was judged without knowing where the task stands.
  if (absl::IsUnavailable(state.status()))
    for (connector::CheckItem& item : report) item.is_away = true;
  return report;
}

bool HasFailures(const CheckReport& report) {
  return std::any_of(report.begin(), report.end(),
                     [](const auto& item) { return item.result == CheckResult::kFail; });
}

}  // namespace godwit::pipeline
