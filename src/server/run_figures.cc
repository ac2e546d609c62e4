#include "server/run_figures.h"

namespace godwit::server {

RunFigures FiguresOf(const pipeline::Progress& progress) {
  using pipeline::LatencyHistogram;
  RunFigures figures;
  figures.copy_queue_bytes = progress.copy_queue_bytes;
  figures.change_queue_bytes = progress.change_queue_bytes;
  if (const int64_t committed = progress.applied_commit_us; committed > 0)
    figures.applied_commit_seconds = static_cast<double>(committed) / 1e6;

  const LatencyHistogram::Figures latency = progress.apply_latency.Read();
  for (size_t i = 0; i < LatencyHistogram::kBounds.size(); ++i) {
    figures.latency_count += latency.counts[i];
    figures.latency.emplace_back(LatencyHistogram::kBounds[i], figures.latency_count);
  }
  figures.latency_count += latency.counts.back();
  figures.latency_seconds = latency.seconds;

  progress.tables.ForEach(
      [&](const model::TableName& name, const pipeline::TableBoard::Table& table) {
        RunFigures::Table& sum = table.has_series ? figures.tables.emplace_back() : figures.others;
        if (table.has_series) sum.name = name.ToString();
        sum.copied_rows += table.rows_of_run;
        sum.copied_bytes += table.bytes_of_run;
        sum.applied_changes += table.changes;
      });
  return figures;
}

}  // namespace godwit::server
