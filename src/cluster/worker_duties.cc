#include "cluster/worker_duties.h"

#include <algorithm>

namespace godwit::cluster {
namespace {

// For the store to show that what was held is let go of.
constexpr std::chrono::seconds kLeavePatience(2);

}  // namespace

WorkerDuties::Step WorkerDuties::Poll(Time now, const View& view) {
  Step step;
  if (!is_leaving_ || lease_.id() != store::kNoLease) lease_.Poll(now, step.requests);
  Register(now, view, step.requests);

  std::set<std::string> names = {};
  for (const auto& [name, source] : sources_) names.insert(name);
  if (const View::Worker* self = view.FindWorker(name_)) {
    names.insert(self->bound.begin(), self->bound.end());
    names.insert(self->holds.begin(), self->holds.end());
  }
  slots_taken_ = static_cast<int>(std::count_if(names.begin(), names.end(), [&](const auto& name) {
    const View::Source* source = view.FindSource(name);
    const auto pace = paces_.find(name);
    return sources_.contains(name) || (source && Holds(*source)) ||
           (pace != paces_.end() && pace->second.IsAhead(view.revision()));
  }));
  for (const std::string& name : names) PollSource(now, view, name, step);
  std::erase_if(paces_, [&](const auto& pace) {
    return !pace.first.empty() && !names.contains(pace.first) && pace.second.IsIdle();
  });
  if (is_leaving_ && sources_.empty() && !leaves_by_) leaves_by_ = now + kLeavePatience;
  // What is still held goes with the lease. If the store is away, that ends by itself.
  const bool is_late = leaves_by_ && now >= *leaves_by_;
  if (is_leaving_ && (slots_taken_ == 0 || is_late)) lease_.Abandon(step.requests);
  return step;
}

void WorkerDuties::Register(Time now, const View& view, std::vector<Request>& requests) {
  const View::Worker* self = view.FindWorker(name_);
  const bool is_there = self && self->alive;
  if (is_there && self->alive->lease == lease_.id()) {
    registered_ = lease_.id();
    return;
  }
  if (registered_ != store::kNoLease && registered_ == lease_.id()) {
    // Somebody has deleted the key: whoever sees that may give away all that this worker has.
    lease_.Abandon(requests);
    return;
  }
  // Under another lease it is an earlier process, or a second one of this name: its lease has to
  // end.
  if (is_there || is_leaving_ || !lease_.Holds(now)) return;
  if (!paces_[""].IsFree(now, view.revision())) return;
  store::Transaction transaction;
  transaction.conditions = {{AliveKey(name_), 0}};
  transaction.writes = {{WorkerKey(name_), ToJson(self_)},
                        {AliveKey(name_), ToJson(Alive{}), lease_.id()}};
  Send(view, "", std::move(transaction), requests);
}

void WorkerDuties::PollSource(Time now, const View& view, const std::string& name, Step& step) {
  static const View::Source kNone;
  const View::Source* found = view.FindSource(name);
  const View::Source& source = found ? *found : kNone;
  const auto given_up = given_up_.find(name);
  const bool is_given_up = given_up != given_up_.end() && Changed(source.held) == given_up->second;
  if (given_up != given_up_.end() && !is_given_up) given_up_.erase(given_up);

  const bool may_run = lease_.Holds(now) && registered_ == lease_.id();
  const bool is_mine = may_run && !is_leaving_ && IsMine(source);
  const bool is_held = Holds(source);
  const auto running = sources_.find(name);
  const bool is_same = running == sources_.end() || running->second.held == Changed(source.held);
  // Of two that were claimed when it was not known whether the first one had been.
  const bool is_too_many = running == sources_.end() && slots_taken_ > self_.slots;
  if (is_mine && is_held && !is_given_up && is_same && !is_too_many &&
      source.held->record.epoch == source.binding->record.epoch) {
    return Run(source, step);
  }
  if (running != sources_.end()) Stop(name, step);
  if (!may_run || sources_.contains(name) || !paces_[name].IsFree(now, view.revision())) return;
  if (is_held) {
    --slots_taken_;
    LetGo(view, source, step);
  } else if (is_mine && !source.held && slots_taken_ < self_.slots) {
    Claim(view, source, step);
  }
}

// Whether it is to be run here.
bool WorkerDuties::IsMine(const View::Source& source) const {
  return source.IsWanted() && source.binding && source.binding->record.worker == name_ &&
         source.binding->record.lease == lease_.id() && source.binding->record.next.empty();
}

bool WorkerDuties::Holds(const View::Source& source) const {
  return source.held && source.held->lease == lease_.id() && source.held->record.worker == name_;
}

void WorkerDuties::Claim(const View& view, const View::Source& source, Step& step) {
  ++slots_taken_;
  store::Transaction transaction;
  transaction.conditions = {{BoundKey(source.name), source.binding->changed},
                            {HeldKey(source.name), 0}};
  transaction.writes = {
      {HeldKey(source.name), ToJson(Held{name_, source.binding->record.epoch}), lease_.id()}};
  Send(view, source.name, std::move(transaction), step.requests);
}

void WorkerDuties::LetGo(const View& view, const View::Source& source, Step& step) {
  // This may take effect late: from here on nothing is run on the strength of that key.
  given_up_[source.name] = source.held->changed;
  store::Transaction transaction;
  transaction.conditions = {{HeldKey(source.name), source.held->changed}};
  transaction.writes = {{HeldKey(source.name), std::nullopt}};
  Send(view, source.name, std::move(transaction), step.requests);
}

void WorkerDuties::Run(const View::Source& source, Step& step) {
  Source& running = sources_[source.name];
  running.held = source.held->changed;
  running.lease = source.held->lease;
  running.epoch = source.held->record.epoch;
  if (running.config != 0 && running.config != source.config->changed) {
    step.orders.push_back({Order::Kind::kReconfigure, source.name, "", running.epoch});
  }
  running.config = source.config->changed;
  Obey(source.name, "", 0, source.relay, step);
  for (const auto& [task, subtask] : source.subtasks) {
    if (subtask.config) Obey(source.name, task, subtask.config->changed, subtask.stage, step);
  }
  // What is not there any more stops.
  for (auto unit = running.units.begin(); unit != running.units.end();) {
    const std::string task = (unit++)->first;
    const auto subtask = source.subtasks.find(task);
    if (task.empty() || (subtask != source.subtasks.end() && subtask->second.config)) continue;
    Obey(source.name, task, 0, {}, step);
  }
}

void WorkerDuties::Obey(const std::string& name, const std::string& task, store::Revision config,
                        const Maybe<ExpectedStage>& expected, Step& step) {
  Source& source = sources_.at(name);
  Unit& unit = source.units[task];
  std::optional<Stage> stage;
  if (expected) stage = expected->record.stage;
  // It waits for the operator, who has it resumed by writing the stage again.
  if (unit.expected != Changed(expected)) unit.has_failed = false;
  unit.expected = Changed(expected);
  const bool is_as_configured = unit.stage == Stage::kNew || unit.config == config;
  if (!is_as_configured) stage.reset();  // it stops, and starts anew

  const StageOrder next = NextOrder(unit.stage, stage);
  if (next == StageOrder::kNone || (next == StageOrder::kResume && unit.has_failed)) {
    if (!unit.ordered && (unit.stage == Stage::kNew || unit.stage == Stage::kStopped)) {
      source.units.erase(task);
    }
    return;
  }
  static constexpr Order::Kind kKinds[] = {Order::Kind::kStart, Order::Kind::kResume,
                                           Order::Kind::kPause, Order::Kind::kStop};
  const Order::Kind kind = kKinds[static_cast<size_t>(next) - 1];
  // One at a time; but stopping waits for nothing.
  if (unit.ordered && (kind != Order::Kind::kStop || *unit.ordered == kind)) return;
  if (kind == Order::Kind::kStart) unit.config = config;
  unit.ordered = kind;
  step.orders.push_back({kind, name, task, source.epoch});
}

void WorkerDuties::Stop(const std::string& name, Step& step) {
  Source& source = sources_.at(name);
  for (auto& [task, unit] : source.units) {
    if (unit.ordered == Order::Kind::kStop) continue;
    unit.ordered = Order::Kind::kStop;
    step.orders.push_back({Order::Kind::kStop, name, task, source.epoch});
  }
  if (source.units.empty()) sources_.erase(name);
}

void WorkerDuties::Done(const std::string& source_name, const std::string& task, Stage stage) {
  const auto source = sources_.find(source_name);
  if (source == sources_.end()) return;
  const auto found = source->second.units.find(task);
  if (found == source->second.units.end()) return;
  Unit& unit = found->second;
  if (stage == Stage::kStopped) {
    source->second.units.erase(found);
    return;
  }
  unit.has_failed = stage == Stage::kPaused && unit.ordered != Order::Kind::kPause;
  unit.stage = stage;
  // A stop is over only when all has stopped.
  if (unit.ordered != Order::Kind::kStop) unit.ordered.reset();
}

void WorkerDuties::Send(const View& view, const std::string& about, store::Transaction transaction,
                        std::vector<Request>& requests) {
  requests.push_back({.asker = Request::Asker::kWorker,
                      .lease = lease_.id(),
                      .transaction = std::move(transaction),
                      .about = about});
  paces_[about].Sent(view.revision());
}

void WorkerDuties::OnAnswer(const Request& request, const Answer& answer, Time now) {
  if (request.asker == Request::Asker::kLease) return lease_.OnAnswer(request, answer, now);
  paces_[request.about].Answered(answer, now);
  const bool has_ended = answer.status.code() == base::StatusCode::kNotFound;
  if (has_ended && request.lease == lease_.id()) lease_.Ended();
}

bool WorkerDuties::MayRun(const std::string& name, Time now) const {
  const auto source = sources_.find(name);
  return source != sources_.end() && source->second.lease == lease_.id() && lease_.Holds(now);
}

Time WorkerDuties::NextWake(Time now) const {
  if (HasLeft()) return Time::max();
  Time wake = lease_.NextWake(now);
  if (leaves_by_) wake = std::min(wake, *leaves_by_);
  for (const auto& [about, pace] : paces_) {
    if (pace.not_before() > now) wake = std::min(wake, pace.not_before());
  }
  return wake;
}

}  // namespace godwit::cluster
