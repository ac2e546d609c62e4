#include "cluster/worker.h"

namespace godwit::cluster {
namespace {

int64_t UnixMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Worker::Worker(store::Store& store, Machinery& machinery, std::string name, WorkerRecord self,
               std::chrono::seconds ttl)
    : machinery_(machinery),
      name_(std::move(name)),
      duties_(name_, std::move(self), ttl),
      driver_(store, *this) {}

void Worker::Leave() {
  driver_.Post([this](const View&) { duties_.Leave(); });
}

void Worker::Done(const std::string& source, const std::string& task, const Outcome& outcome) {
  driver_.Post([=, this, at = UnixMs()](const View& view) {
    duties_.Done(source, task, outcome.stage);
    const View::Source* found = view.FindSource(source);
    if (task.empty() || !found || !found->held || found->held->record.worker != name_) return;
    reports_.Add(*found, task,
                 {.stage = outcome.stage,
                  .worker = name_,
                  .epoch = found->held->record.epoch,
                  .since_ms = at,
                  .error = outcome.error,
                  .status = outcome.status});
  });
}

std::vector<Request> Worker::Poll(Time now, const View& view) {
  WorkerDuties::Step step = duties_.Poll(now, view);
  for (const Order& order : step.orders) Carry(order, view);
  reports_.Poll(now, view, step.requests);
  return std::move(step.requests);
}

void Worker::OnAnswer(const Request& request, const Answer& answer, Time now) {
  if (request.asker == Request::Asker::kReport) return reports_.OnAnswer(request, answer, now);
  duties_.OnAnswer(request, answer, now);
}

Time Worker::NextWake(Time now) const {
  return std::min(duties_.NextWake(now), reports_.NextWake(now));
}

void Worker::Carry(const Order& order, const View& view) {
  const View::Source* source = view.FindSource(order.source);
  switch (order.kind) {
    case Order::Kind::kStart:
    case Order::Kind::kResume: {
      // By this view it was ordered: the configurations are there.
      Assignment assignment{order.source, order.task, order.epoch, source->config->record.config,
                            ""};
      if (!order.task.empty()) {
        const SubtaskRecord& record = source->subtasks.find(order.task)->second.config->record;
        assignment.config = record.config;
        assignment.restart = record.restart;
      }
      return machinery_.Start(assignment);
    }
    case Order::Kind::kPause:
      return machinery_.Pause(order.source, order.task);
    case Order::Kind::kStop:
      return machinery_.Stop(order.source, order.task);
    case Order::Kind::kReconfigure:
      return machinery_.Reconfigure(order.source, source->config->record.config);
  }
}

}  // namespace godwit::cluster
