#include "portal/worker_metrics.h"

#include <functional>
#include <optional>

#include "server/run_figures.h"

namespace godwit::portal {
namespace {

using Kind = MetricsText::Kind;
using Standing = server::Subtask::Standing;
using server::RunFigures;
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

// Of a subtask's run.
struct Run {
  MetricsText::Labels labels;
  RunFigures figures;
};

std::vector<Run> RunsOf(const std::vector<Standing>& subtasks) {
  std::vector<Run> runs;
  for (const Standing& standing : subtasks) {
    if (standing.progress)
      runs.push_back({LabelsOf(standing), server::FiguresOf(*standing.progress)});
  }
  return runs;
}

// What a table has had, by the phase that it had it in.
struct TableMetric {
  const char* name;
  const char* help;
  struct Phase {
    const char* phase;
    uint64_t RunFigures::Table::*value;
  };
  std::vector<Phase> phases;
};
const TableMetric kTableMetrics[] = {
    {"godwit_table_rows_total",
     "Rows that the run has copied (phase copying) or written to carry changes over (streaming)",
     {{"copying", &RunFigures::Table::copied_rows},
      {"streaming", &RunFigures::Table::applied_changes}}},
    {"godwit_table_bytes_total",
     "Bytes that the run has copied (phase copying)",
     {{"copying", &RunFigures::Table::copied_bytes}}},
};

void AddTables(const std::vector<Run>& runs, MetricsText& text) {
  for (const TableMetric& metric : kTableMetrics) {
    text.Family(metric.name, Kind::kCounter, metric.help);
    for (const Run& run : runs) {
      const auto sample = [&](const RunFigures::Table& table) {
        for (const TableMetric::Phase& phase : metric.phases) {
          MetricsText::Labels labels = run.labels;
          labels.emplace_back("table", table.name);
          labels.emplace_back("phase", phase.phase);
          text.Sample(static_cast<double>(table.*phase.value), labels);
        }
      };
      for (const RunFigures::Table& table : run.figures.tables) sample(table);
      sample(run.figures.others);
    }
  }
}

void AddRuns(const std::vector<Run>& runs, MetricsText& text) {
  text.Family(
      "godwit_queue_bytes", Kind::kGauge,
      "Bytes that were read of the source and are not on the target: rows of the copy (queue "
      "copy), and changes of the log (queue changes)");
  for (const Run& run : runs) {
    const auto sample = [&](const char* queue, uint64_t bytes) {
      MetricsText::Labels labels = run.labels;
      labels.emplace_back("queue", queue);
      text.Sample(static_cast<double>(bytes), labels);
    };
    sample("copy", run.figures.copy_queue_bytes);
    sample("changes", run.figures.change_queue_bytes);
  }
  text.Family("godwit_apply_latency_seconds", Kind::kHistogram,
              "From the reading of a transaction of the log to its commit on the target: of each "
              "group that is committed together, its oldest");
  for (const Run& run : runs) {
    text.Histogram(run.figures.latency, run.figures.latency_count, run.figures.latency_seconds,
                   run.labels);
  }
  text.Family("godwit_position_timestamp_seconds", Kind::kGauge,
              "When the last transaction that is on the target was committed on the source");
  for (const Run& run : runs) {
    if (run.figures.applied_commit_seconds)
      text.Sample(*run.figures.applied_commit_seconds, run.labels);
  }
}

void AddTableStates(const std::vector<Standing>& subtasks, MetricsText& text) {
  text.Family("godwit_tables", Kind::kGauge, "Tables of the subtask by how they stand");
  for (const Standing& standing : subtasks) {
    if (!standing.status) continue;
    for (const auto& [state, count] : standing.status->tables.by_state) {
      MetricsText::Labels labels = LabelsOf(standing);
      labels.emplace_back("state", state);
      text.Sample(static_cast<double>(count), labels);
    }
  }
  text.Family("godwit_tables_not_well", Kind::kGauge,
              "Tables of the subtask with an error, or that are not followed as they should be");
  for (const Standing& standing : subtasks) {
    if (standing.status)
      text.Sample(static_cast<double>(standing.status->tables.troubled), LabelsOf(standing));
  }
}

void AddRelays(const std::vector<server::RelayStanding>& relays, MetricsText& text) {
  const auto add = [&](const char* name, const char* help, auto value) {
    text.Family(name, Kind::kGauge, help);
    for (const server::RelayStanding& relay : relays) {
      if (relay.state == "off") continue;
      const std::optional<double> number = value(relay);
      if (number) text.Sample(*number, {{"source", relay.source}});
    }
  };
  using Number = std::optional<double>;
  add("godwit_relay_running", "1: the source's log comes in",
      [](const auto& relay) { return Number(relay.state == "running" ? 1 : 0); });
  add("godwit_relay_files", "Files of the source's log that are kept",
      [](const auto& relay) { return Number(static_cast<double>(relay.status.files)); });
  add("godwit_relay_bytes", "Bytes of these",
      [](const auto& relay) { return Number(static_cast<double>(relay.status.bytes)); });
  add("godwit_relay_over_bytes", "Bytes of these beyond max_size, which tasks need",
      [](const auto& relay) { return Number(static_cast<double>(relay.status.bytes_over)); });
  add("godwit_relay_behind_bytes", "Bytes of the source's log that have not come in, where known",
      [](const auto& relay) {
        const auto& behind = relay.status.bytes_behind;
        return behind ? Number(static_cast<double>(*behind)) : std::nullopt;
      });
}

}  // namespace

std::string WorkerMetrics(const std::vector<Standing>& subtasks,
                          const std::vector<server::RelayStanding>& relays) {
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
  const std::vector<Run> runs = RunsOf(subtasks);
  AddRuns(runs, text);
  AddTables(runs, text);
  AddTableStates(subtasks, text);
  AddRelays(relays, text);
  return text.Take();
}

}  // namespace godwit::portal
