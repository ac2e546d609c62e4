#include "portal/worker_metrics.h"

#include <functional>
#include <optional>

namespace godwit::portal {
namespace {

using Kind = MetricsText::Kind;
using Standing = server::Subtask::Standing;
using server::TaskStatus;

// A number of each subtask's run.
struct Metric {
  const char* name;
  Kind kind;
  const char* help;
  std::optional<double> (*value)(const TaskStatus& status);
};

std::optional<double> Number(uint64_t number) { return static_cast<double>(number); }

// Counters begin anew with each run, which Prometheus knows of counters.
const Metric kMetrics[] = {
    {"godwit_copied_rows_total", Kind::kCounter, "Rows that the run has copied",
     [](const TaskStatus& s) { return Number(s.copy.rows_of_run); }},
    {"godwit_copied_bytes_total", Kind::kCounter, "Bytes that the run has copied",
     [](const TaskStatus& s) { return Number(s.copy.bytes_of_run); }},
    {"godwit_copy_fraction", Kind::kGauge, "How much of the copy is done, 0 to 1",
     [](const TaskStatus& s) { return std::optional(s.copy.fraction); }},
    {"godwit_copy_tables", Kind::kGauge, "Tables to be copied",
     [](const TaskStatus& s) { return Number(s.copy.tables); }},
    {"godwit_copy_tables_done", Kind::kGauge, "Tables that are copied",
     [](const TaskStatus& s) { return Number(s.copy.tables_done); }},
    {"godwit_applied_transactions_total", Kind::kCounter, "Transactions applied by the run",
     [](const TaskStatus& s) { return Number(s.changes.transactions); }},
    {"godwit_applied_row_changes_total", Kind::kCounter, "Row changes applied by the run",
     [](const TaskStatus& s) { return Number(s.changes.row_changes); }},
    {"godwit_applied_groups_total", Kind::kCounter, "Transactions that they took on the target",
     [](const TaskStatus& s) { return Number(s.changes.groups); }},
    {"godwit_applied_ddls_total", Kind::kCounter, "DDL statements applied by the run",
     [](const TaskStatus& s) { return Number(s.changes.ddls); }},
    {"godwit_log_bytes_total", Kind::kCounter, "Bytes of the source's log that the run has read",
     [](const TaskStatus& s) { return Number(s.changes.log_bytes); }},
    {"godwit_lag_seconds", Kind::kGauge, "From commit on the source to commit on the target",
     [](const TaskStatus& s) { return s.changes.lag_seconds; }},
    {"godwit_behind_bytes", Kind::kGauge, "Bytes of the source's log that are not applied yet",
     [](const TaskStatus& s) {
       return s.changes.bytes_behind ? Number(*s.changes.bytes_behind) : std::nullopt;
     }},
    {"godwit_retries_total", Kind::kCounter, "How often the run has begun again after an error",
     [](const TaskStatus& s) { return Number(s.retries); }},
    {"godwit_drifted_rows_total", Kind::kCounter,
     "Rows found in another state on the target than expected",
     [](const TaskStatus& s) { return Number(s.drifted_rows); }},
    {"godwit_left_out_rows_total", Kind::kCounter, "Rows of tables that the target has not",
     [](const TaskStatus& s) { return Number(s.changes.rows_left_out); }},
};

MetricsText::Labels LabelsOf(const Standing& standing) {
  return {{"task", standing.task}, {"source", standing.source}};
}

}  // namespace

std::string WorkerMetrics(const std::vector<Standing>& subtasks) {
  MetricsText text;
  text.Family("godwit_subtask_stage", Kind::kGauge, "1 for the stage that the subtask is in");
  for (const Standing& standing : subtasks) {
    MetricsText::Labels labels = LabelsOf(standing);
    labels.emplace_back("stage", std::string(cluster::ToText(standing.stage)));
    text.Sample(1, labels);
  }
  text.Family("godwit_subtask_phase", Kind::kGauge, "1 for the phase that the subtask is in");
  for (const Standing& standing : subtasks) {
    if (!standing.status) continue;
    MetricsText::Labels labels = LabelsOf(standing);
    labels.emplace_back("phase", connector::ToString(standing.status->phase));
    text.Sample(1, labels);
  }
  text.Family("godwit_subtask_has_error", Kind::kGauge, "1: it has paused because of an error");
  for (const Standing& standing : subtasks) {
    text.Sample(standing.error.empty() ? 0 : 1, LabelsOf(standing));
  }
  for (const Metric& metric : kMetrics) {
    text.Family(metric.name, metric.kind, metric.help);
    for (const Standing& standing : subtasks) {
      if (!standing.status) continue;
      if (const auto value = metric.value(*standing.status)) {
        text.Sample(*value, LabelsOf(standing));
      }
    }
  }
  return text.Take();
}

}  // namespace godwit::portal
