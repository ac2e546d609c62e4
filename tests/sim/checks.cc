#include <algorithm>

#include "cluster/scheduler.h"
#include "tests/sim/world.h"

namespace godwit::sim {

using cluster::Request;
using cluster::Stage;

void World::Violate(const std::string& what) {
  Trace("VIOLATION: {}", what);
  if (outcome_.violation.empty()) {
    outcome_.violation = fmt::format("at {:.4f} s: {}", static_cast<double>(now_) / kSecond, what);
  }
}

void World::Mutate(const Process&, Request& request) const {
  std::vector<store::Condition>& conditions = request.transaction.conditions;
  std::vector<store::Write>& writes = request.transaction.writes;
  const auto forget = [&](std::string_view prefix) {
    std::erase_if(conditions, [&](const auto& c) { return c.key.starts_with(prefix); });
  };
  if (request.asker == Request::Asker::kWorker && options_.mutant == Mutant::kCarelessWorker) {
    forget("bound/");
  }
  const bool is_masters =
      request.asker == Request::Asker::kScheduler || request.asker == Request::Asker::kOperator;
  if (!is_masters) return;
  if (options_.mutant == Mutant::kUnconditionalLeader) forget(cluster::kLeaderKey);
  if (options_.mutant == Mutant::kCarelessScheduler) forget("held/");
  if (options_.mutant == Mutant::kUnorderedOperations) {
    forget(cluster::kOperationKey);
    std::erase_if(writes, [](const auto& w) { return w.key == cluster::kOperationKey; });
  }
}

// What it relies on, as it is when it takes effect, if it does.
void World::CheckBefore(const Message& message) {
  const Request& request = message.request;
  is_leaders_ = is_given_ = true;
  is_held_ = false;
  if (request.asker == Request::Asker::kScheduler || request.asker == Request::Asker::kOperator) {
    const auto leader = *store_.Get(cluster::kLeaderKey);
    is_leaders_ = leader && IsOf(leader->lease, message.process, message.life);
  }
  for (const store::Write& write : request.transaction.writes) {
    const cluster::Key key = cluster::ParseKey(write.key);
    if (request.asker == Request::Asker::kScheduler) {
      is_held_ |= store_.Get(cluster::HeldKey(key.name))->has_value();
    } else if (key.kind == cluster::Key::Kind::kHeld && write.value) {
      const auto bound = *store_.Get(cluster::BoundKey(key.name));
      const auto binding = cluster::FromJson<cluster::Binding>("", bound ? bound->value : "");
      is_given_ &= binding.ok() && binding->lease == request.lease;
    }
  }
}

void World::CheckAfter(const Message& message) {
  const Request& request = message.request;
  const std::string& name = processes_[static_cast<size_t>(message.process)].name;
  switch (request.kind) {
    case Request::Kind::kGrant:
    case Request::Kind::kKeepAlive: {
      // Leases are numbered as they are granted, and an answer may be lost.
      const store::LeaseId lease = request.kind == Request::Kind::kGrant
                                       ? static_cast<store::LeaseId>(leases_.size()) + 1
                                       : request.lease;
      const Micros lasts = std::chrono::microseconds(kTtl).count();
      leases_[lease] = {message.process, message.life, now_ + lasts};
      return Push(lasts, Event::Kind::kLeaseEnd, message.process, 0, static_cast<int>(lease));
    }
    case Request::Kind::kRevoke:
      return Kick();
    case Request::Kind::kCommit:
      break;
  }
  ++outcome_.commits;
  Kick();
  for (const store::Write& write : request.transaction.writes) {
    Trace("{} has written {} = {}", name, write.key, write.value.value_or("nothing"));
  }
  if (!is_given_) return Violate(name + " has taken what is not given to it");
  if (request.asker == Request::Asker::kWorker) return CheckLetGo(message);
  if (request.asker == Request::Asker::kCampaign) return;
  if (!is_leaders_) return Violate(name + " has written, and does not lead");
  if (is_held_) return Violate(name + " has given away what is held");
  for (const store::Write& write : request.transaction.writes) {
    const cluster::Key key = cluster::ParseKey(write.key);
    if (key.kind != cluster::Key::Kind::kBound || !write.value) continue;
    const auto binding = cluster::FromJson<cluster::Binding>(write.key, *write.value);
    if (binding->worker.empty()) continue;
    cluster::Binding& last = bindings_[std::string(key.name)];
    const bool is_same = binding->worker == last.worker && binding->lease == last.lease &&
                         binding->epoch == last.epoch;
    if (!is_same && binding->epoch <= last.epoch) {
      return Violate(fmt::format("{} is bound with the epoch {} after {}", key.name, binding->epoch,
                                 last.epoch));
    }
    last = *binding;
  }
  if (!message.operation) return;
  std::string wrong = books_.Apply(*message.operation);
  if (wrong.empty()) wrong = books_.Compare(*store_.Range(""));
  if (!wrong.empty()) Violate(wrong);
}

// Nothing runs of what its worker lets go of.
void World::CheckLetGo(const Message& message) {
  const Process& process = processes_[static_cast<size_t>(message.process)];
  if (process.life != message.life) return;
  for (const store::Write& write : message.request.transaction.writes) {
    const std::string source(cluster::ParseKey(write.key).name);
    if (!write.value && process.Runs(source)) {
      Violate(process.name + " has let go of " + source + ", which it runs");
    }
  }
}

std::string World::WhatIsLeft() {
  const Process& witness = processes_[0];
  if (!witness.view || witness.view->revision() != store_.Range("~")->revision) {
    return "a watch is behind";
  }
  const cluster::View& view = *witness.view;
  if (!view.leader()) return "there is no leader";
  if (!cluster::Schedule(view, view.leader()->changed).empty()) {
    return "there is something to schedule";
  }
  int slots = 0, wanted = 0, bound = 0;
  for (int i = 0; i < options_.workers; ++i) {
    const cluster::View::Worker* worker = view.FindWorker("w" + std::to_string(i));
    if (!worker || !worker->IsAlive()) return fmt::format("w{} is not registered", i);
    slots += worker->record->record.slots;
  }
  for (const auto& [name, source] : view.sources()) {
    if (!books_.sources().contains(name)) return WhatIsLeftOf(view, name, nullptr, bound);
  }
  for (const auto& [name, source] : books_.sources()) {
    wanted += source.is_enabled;
    std::string left = WhatIsLeftOf(view, name, &source, bound);
    if (!left.empty()) return left;
  }
  if (bound == std::min(slots, wanted)) return "";
  return fmt::format("{} sources are run, of {}, with {} slots", bound, wanted, slots);
}

std::string World::WhatIsLeftOf(const cluster::View& view, const std::string& name,
                                const Books::Source* source, int& bound) {
  const cluster::View::Source* seen = view.FindSource(name);
  const bool is_bound = source && source->is_enabled && seen && seen->IsBound();
  if (!is_bound && seen && (seen->held || seen->IsBound())) return name + " is bound or held";
  const std::string worker = is_bound ? seen->binding->record.worker : "";
  const Process* process = nullptr;
  for (const Process& other : processes_) {
    if (other.name == worker) {
      process = &other;
    } else if (other.Runs(name)) {
      return fmt::format("{} runs {}, which is not bound to it", other.name, name);
    }
  }
  if (!process) return "";
  ++bound;
  if (!seen->held || seen->held->record.worker != worker ||
      seen->held->record.epoch != seen->binding->record.epoch ||
      !IsOf(seen->held->lease, process->id, process->life)) {
    return fmt::format("{} does not hold {}", worker, name);
  }
  std::map<std::string, std::optional<Stage>> expected = {{"", source->relay}};
  for (const auto& [task_name, task] : books_.tasks()) {
    const auto stage = task.stages.find(name);
    if (stage != task.stages.end()) expected[task_name] = stage->second;
  }
  for (const Unit& unit : process->units) {
    if (unit.source != name) continue;
    const auto stage = expected.find(unit.task);
    if (stage == expected.end() || !stage->second) {
      return fmt::format("{} runs {}/{}, which has to stop", worker, name, unit.task);
    }
    const bool is_so =
        unit.stage == stage->second || unit.stage == Stage::kFinished || unit.has_failed;
    if (!is_so) return fmt::format("{}/{} is not in its stage", name, unit.task);
    expected.erase(stage);
  }
  for (const auto& [task, stage] : expected) {
    if (stage == Stage::kRunning) return fmt::format("{} does not run {}/{}", worker, name, task);
  }
  return "";
}

}  // namespace godwit::sim
