#include <algorithm>

#include "tests/sim/world.h"

namespace godwit::sim {

using cluster::Stage;

void World::Fault() {
  Process& process = processes_[static_cast<size_t>(random_.Below(std::ssize(processes_)))];
  // Now and then shorter than a lease, now and then longer.
  const Micros lasts = random_.Below(random_.Percent(50) ? 3 * kSecond : 25 * kSecond);
  const int64_t kind = random_.Below(7);
  Trace("fault {} at {} for {} s", kind, process.name, static_cast<double>(lasts) / kSecond);
  if (kind == 0) return store_.Compact(random_.Below(1000));
  if (!process.is_up) return;
  switch (kind) {
    case 1:
      Crash(process);
      return Push(lasts, Event::Kind::kRestart, process.id);
    case 2:
    case 3:
      process.is_frozen = true;
      process.wake = kNever;
      Push(lasts, Event::Kind::kThaw, process.id);
      return Lose(process);
    case 4:
      process.is_cut = true;
      Push(lasts, Event::Kind::kHeal, process.id);
      return Lose(process);
    case 5:  // it is asked to end
      if (process.is_frozen || process.is_leaving) return;
      if (process.worker) {
        process.is_leaving = true;
        process.worker->Leave();
        Push(3 * kSecond + lasts, Event::Kind::kRestart, process.id);
        return Wake(process);
      }
      for (cluster::Request& request : process.master->Resign()) Send(process, std::move(request));
      Crash(process);
      return Push(lasts, Event::Kind::kRestart, process.id);
    default:  // something that it runs ends, or fails
      if (process.units.empty() || process.is_frozen) return;
      Unit& unit = process.units[static_cast<size_t>(random_.Below(std::ssize(process.units)))];
      if (unit.stage != Stage::kRunning || unit.task.empty()) return;
      unit.has_failed = random_.Percent(50);
      unit.stage = unit.has_failed ? Stage::kPaused : Stage::kFinished;
      process.worker->Done(unit.source, unit.task, unit.stage);
      return Wake(process);
  }
}

void World::Crash(Process& process) {
  process.is_up = process.is_frozen = process.is_leaving = false;
  process.has_watch_event = false;
  process.units.clear();
  process.late.clear();
  process.master.reset();
  process.worker.reset();
}

void World::Thaw(Process& process) {
  if (!process.is_up || !process.is_frozen) return;
  process.is_frozen = false;
  for (Unit& unit : process.units) {
    unit.is_past_lease |= !process.worker->MayRun(unit.source, ToTime(process.OwnClock(now_)));
    if (!unit.is_past_lease) CheckAlone(process, unit.source);
  }
  Trace("{} goes on", process.name);
  for (const Event& event : std::exchange(process.late, {})) {
    Push(random_.Below(50'000), event.kind, process.id, process.life, event.message);
  }
  WakeAt(process, now_ + random_.Below(50'000));
}

void World::Mend() {
  is_mended_ = true;
  loss_ = lag_ = 0;
  Trace("all is mended");
  for (Process& process : processes_) {
    process.is_cut = false;
    Thaw(process);
    Start(process);
  }
}

void World::Lose(const Process& process) {
  if (options_.mutant != Mutant::kImpatientScheduler || !process.worker) return;
  store::Transaction transaction{{}, {{cluster::AliveKey(process.name), std::nullopt}}};
  const cluster::View& view = process.own_view;
  if (const cluster::View::Worker* worker = view.FindWorker(process.name)) {
    for (const std::string& source : worker->holds) {
      transaction.writes.push_back({cluster::HeldKey(source), std::nullopt});
    }
  }
  if (store_.Commit(transaction).ok()) Kick();
}

void World::Operate(int focus) {
  const auto leader = *store_.Get(cluster::kLeaderKey);
  size_t number = static_cast<size_t>(random_.Below(options_.masters));
  if (leader && random_.Percent(80)) number = static_cast<size_t>(leases_[leader->lease].process);
  Process& process = processes_[number];
  Operation operation =
      RandomOperation(random_, options_.sources, options_.tasks, options_.workers);
  if (focus >= 0) operation.source = "s" + std::to_string(focus);
  if (!process.master || !process.view || process.is_frozen) return;
  Trace("{} is asked for operation {} of {} {}", process.name, static_cast<int>(operation.kind),
        operation.source, operation.task);
  process.master->Ask(
      [&process, operation](const cluster::View& view, store::Revision leadership) {
        process.asked = operation;
        return Decide(operation, view, leadership);
      },
      [this](const base::Status& status) { Trace("answer: {}", status.ToString()); });
  Wake(process);
}

}  // namespace godwit::sim
