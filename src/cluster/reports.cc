#include "cluster/reports.h"

#include <algorithm>

namespace godwit::cluster {
namespace {

constexpr std::chrono::milliseconds kRetry(500);

}  // namespace

void Reports::Add(const View::Source& source, const std::string& task, SubtaskState state) {
  Report& report = reports_[StateKey(source.name, task)];
  report.state = std::move(state);
  report.held = Changed(source.held);
  report.is_newer = report.is_sent;  // one at a time, or they could take effect in another order
}

void Reports::Poll(Time now, const View& view, std::vector<Request>& requests) {
  for (auto next = reports_.begin(); next != reports_.end();) {
    const auto it = next++;
    auto& [key, report] = *it;
    if (report.is_sent || now < report.not_before) continue;
    const Key names = ParseKey(key);
    const View::Source* source = view.FindSource(names.name);
    if (!source || !source->subtasks.contains(names.task) ||
        !source->subtasks.find(names.task)->second.config) {
      reports_.erase(it);
      continue;
    }
    Request request{.asker = Request::Asker::kReport, .about = key};
    request.transaction.conditions = {{HeldKey(names.name), report.held},
                                      {SubtaskKey(names.name, names.task),
                                       Changed(source->subtasks.find(names.task)->second.config)}};
    request.transaction.writes = {{key, ToJson(report.state)}};
    requests.push_back(std::move(request));
    report.is_sent = true;
  }
}

void Reports::OnAnswer(const Request& request, const Answer& answer, Time now) {
  const auto report = reports_.find(request.about);
  if (report == reports_.end()) return;
  const bool is_unknown = absl::IsUnavailable(answer.status);
  if (!is_unknown && !report->second.is_newer) {
    reports_.erase(report);
    return;
  }
  report->second.is_sent = report->second.is_newer = false;
  if (is_unknown) report->second.not_before = now + kRetry;
}

Time Reports::NextWake(Time now) const {
  Time wake = Time::max();
  for (const auto& [key, report] : reports_) {
    if (!report.is_sent) wake = std::min(wake, std::max(now, report.not_before));
  }
  return wake;
}

}  // namespace godwit::cluster
