#include "cluster/reports.h"

#include <algorithm>

namespace godwit::cluster {
namespace {

constexpr std::chrono::milliseconds kRetry(500);

}  // namespace

void Reports::Add(const View::Source& source, const std::string& task, SubtaskState state) {
  reports_[StateKey(source.name, task)] = {.state = std::move(state), .held = Changed(source.held)};
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
  // Another word has come meanwhile: that is sent next.
  if (report == reports_.end() || !report->second.is_sent) return;
  if (absl::IsUnavailable(answer.status)) {
    report->second.is_sent = false;
    report->second.not_before = now + kRetry;
  } else {
    reports_.erase(report);
  }
}

Time Reports::NextWake(Time now) const {
  Time wake = Time::max();
  for (const auto& [key, report] : reports_) {
    if (!report.is_sent) wake = std::min(wake, std::max(now, report.not_before));
  }
  return wake;
}

}  // namespace godwit::cluster
