#include "portal/master_metrics.h"

#include "portal/member_routes.h"
#include "portal/metrics_text.h"
#include "portal/source_json.h"

namespace godwit::portal {
namespace {

using Kind = MetricsText::Kind;

struct Counts {
  std::map<std::string, int> sources, workers, stages, errors;
};

void CountSubtasks(const cluster::View::Source& source, Counts& counts) {
  for (const auto& [task, subtask] : source.subtasks) {
    if (!subtask.config) continue;
    const cluster::Stage stage = StageOf(source, subtask);
    ++counts.stages[std::string(ToText(stage))];
    const bool has_error = subtask.state && !subtask.state->record.error.empty();
    if (stage == cluster::Stage::kPaused && has_error) ++counts.errors[task];
  }
}

Counts Count(const cluster::View& view) {
  Counts counts;
  // Those that none is in too, so that a curve falls to 0 and does not end.
  for (const char* state : {"bound", "starting", "waiting", "stopping", "disabled", "unreadable"}) {
    counts.sources[state] = 0;
  }
  for (const char* state : {"free", "bound", "offline"}) counts.workers[state] = 0;
  for (const char* stage : {"New", "Running", "Paused", "Stopped", "Finished"}) {
    counts.stages[stage] = 0;
  }
  for (const auto& [name, source] : view.sources()) {
    if (source.config || !source.unreadable.empty()) ++counts.sources[std::string(StateOf(source))];
    CountSubtasks(source, counts);
  }
  for (const auto& [name, worker] : view.workers()) {
    if (worker.record) ++counts.workers[std::string(StateOf(worker))];
  }
  return counts;
}

void Samples(MetricsText& text, const std::map<std::string, int>& counts, std::string_view label) {
  for (const auto& [value, count] : counts) text.Sample(count, {{label, value}});
}

}  // namespace

void MasterMetrics::OnChanges(const cluster::View& view,
                              const std::vector<store::Watch::Change>& changes) {
  std::lock_guard lock(mutex_);
  const auto note = [&](const cluster::View::Source& source) {
    if (!source.IsBound()) return;
    const cluster::Binding& now = source.binding->record;
    const auto [before, is_new] = bindings_.emplace(source.name, now);
    if (is_new || before->second.lease == now.lease) return;
    const cluster::View::Worker* old = view.FindWorker(before->second.worker);
    if (!old || !old->Lives(before->second.lease)) ++failovers_;
    before->second = now;
  };
  if (changes.empty()) {
    for (const auto& [name, source] : view.sources()) note(source);
  }
  for (const store::Watch::Change& change : changes) {
    const cluster::Key key = cluster::ParseKey(change.entry.key);
    if (key.kind == cluster::Key::Kind::kSource && change.is_gone) {
      bindings_.erase(std::string(key.name));
    }
    if (key.kind != cluster::Key::Kind::kBound) continue;
    if (const cluster::View::Source* source = view.FindSource(key.name)) note(*source);
  }
}

void MasterMetrics::CountRequest(const std::string& method, int status) {
  std::lock_guard lock(mutex_);
  ++requests_[{method, status}];
}

std::string MasterMetrics::Page(Control& control) {
  MetricsText text;
  const auto leadership = control.Leader();
  text.Family("godwit_master_leads", Kind::kGauge, "1: this master leads");
  text.Sample(leadership.ok() && leadership->is_ours ? 1 : 0);
  text.Family("godwit_cluster_has_leader", Kind::kGauge, "1: a master leads");
  text.Sample(leadership.ok() && leadership->leader ? 1 : 0);
  if (const auto counts = control.Look(Count); counts.ok()) {
    text.Family("godwit_sources", Kind::kGauge, "Sources by how they stand");
    Samples(text, counts->sources, "state");
    text.Family("godwit_workers", Kind::kGauge, "Workers by how they stand");
    Samples(text, counts->workers, "state");
    text.Family("godwit_subtasks", Kind::kGauge,
                "Subtasks by stage; what nobody runs is New, Stopped or Finished");
    Samples(text, counts->stages, "stage");
    text.Family("godwit_subtask_errors", Kind::kGauge, "Subtasks that have paused for an error");
    Samples(text, counts->errors, "task");
  }
  text.Family("godwit_store_requests_total", Kind::kCounter, "What the store was asked");
  for (const auto kind : {MeasuredStore::kRead, MeasuredStore::kCommit, MeasuredStore::kLease}) {
    text.Sample(static_cast<double>(store_.count(kind).requests),
                {{"kind", std::string(MeasuredStore::kNames[kind])}});
  }
  text.Family("godwit_store_failures_total", Kind::kCounter, "What it has refused or not answered");
  for (const auto kind : {MeasuredStore::kRead, MeasuredStore::kCommit, MeasuredStore::kLease}) {
    text.Sample(static_cast<double>(store_.count(kind).failures),
                {{"kind", std::string(MeasuredStore::kNames[kind])}});
  }
  text.Family("godwit_store_seconds_total", Kind::kCounter, "How long all of that took");
  for (const auto kind : {MeasuredStore::kRead, MeasuredStore::kCommit, MeasuredStore::kLease}) {
    text.Sample(static_cast<double>(store_.count(kind).microseconds) / 1e6,
                {{"kind", std::string(MeasuredStore::kNames[kind])}});
  }
  std::lock_guard lock(mutex_);
  text.Family("godwit_failovers_total", Kind::kCounter,
              "Sources given to another worker's life since theirs had ended, as seen from here");
  text.Sample(static_cast<double>(failovers_));
  text.Family("godwit_http_requests_total", Kind::kCounter, "Requests that were answered");
  for (const auto& [what, count] : requests_) {
    text.Sample(static_cast<double>(count),
                {{"method", what.first}, {"status", std::to_string(what.second)}});
  }
  return text.Take();
}

}  // namespace godwit::portal
