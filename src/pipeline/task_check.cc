#include "pipeline/task_check.h"

#include <algorithm>

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

}  // namespace

CheckReport CheckTask(const config::Task& task, connector::Source& source,
                      connector::Destination& destination, bool restart) {
  connector::CheckScope scope = ScopeOf(task);
  if (auto state = destination.LoadState(); !restart && state.ok() && *state)
    scope.resume_at = (*state)->applied;
  CheckReport report = source.Check(scope);
  // One failure and nothing else: there was no connection.
  const bool reached = report.size() != 1 || !HasFailures(report);
  auto catalog = source.ReadCatalog(scope.filter, scope.objects);
  if (!reached) {
    catalog = connector::Catalog{};
  } else if (!catalog.ok()) {
    report.push_back(
        {"source: tables", CheckResult::kFail, std::string(catalog.status().message()),
         "make the definition readable, or leave the table out with `tables.exclude`"});
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
  const CheckReport of_target =
      destination.Check(scope, catalog.ok() ? *catalog : connector::Catalog{});
  report.insert(report.end(), of_target.begin(), of_target.end());
  return report;
}

bool HasFailures(const CheckReport& report) {
  return std::any_of(report.begin(), report.end(),
                     [](const auto& item) { return item.result == CheckResult::kFail; });
}

}  // namespace godwit::pipeline
