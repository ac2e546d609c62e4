#include <algorithm>

#include "tests/sim/world.h"

namespace godwit::sim {

using cluster::Order;
using cluster::Stage;

void World::WakeWorker(Process& process) {
  const cluster::Time own = ToTime(process.OwnClock(now_));
  // What is done at once may have more to follow.
  for (bool is_more = true; is_more;) {
    cluster::WorkerDuties::Step step = process.worker->Poll(own, *process.view);
    for (cluster::Request& request : step.requests) Send(process, std::move(request));
    is_more = false;
    for (const Order& order : step.orders) {
      Carry(process, order);
      is_more |= order.kind != Order::Kind::kStop && order.kind != Order::Kind::kReconfigure;
    }
  }
}

void World::Carry(Process& process, const Order& order) {
  Trace("{}: order {} {}/{} epoch {}", process.name, static_cast<int>(order.kind), order.source,
        order.task, order.epoch);
  if (order.kind == Order::Kind::kReconfigure) return;
  if (order.kind == Order::Kind::kStart) return Begin(process, order);
  const auto unit = std::find_if(process.units.begin(), process.units.end(), [&](const Unit& u) {
    return u.source == order.source && u.task == order.task;
  });
  if (unit == process.units.end()) {
    return Violate(process.name + " is ordered to change what it does not run");
  }
  if (order.kind == Order::Kind::kStop) {
    Micros lasts = random_.Percent(50) ? 0 : random_.Below(kSecond / 2);
    const bool is_for_lease = !process.worker->MayRun(order.source, ToTime(process.OwnClock(now_)));
    if (is_for_lease && options_.mutant == Mutant::kTimelessWorker) lasts = 5 * kSecond;
    return Push(lasts, Event::Kind::kDone, process.id, process.life, unit->number);
  }
  unit->stage = order.kind == Order::Kind::kPause ? Stage::kPaused : Stage::kRunning;
  unit->has_failed = false;
  process.worker->Done(order.source, order.task, unit->stage);
}

void World::Begin(Process& process, const Order& order) {
  if (int64_t& fence = fences_[order.source]; order.epoch < fence) {
    return Violate(fmt::format("{} begins {} with the epoch {} after one of {}", process.name,
                               order.source, order.epoch, fence));
  } else {
    fence = order.epoch;
  }
  const auto [run, is_first] =
      runs_.try_emplace({order.source, order.epoch}, process.id, process.life);
  if (!is_first && run->second != std::pair(process.id, process.life)) {
    return Violate(
        fmt::format("the epoch {} of {} has been given twice", order.epoch, order.source));
  }
  process.units.push_back(
      {.source = order.source, .task = order.task, .epoch = order.epoch, .number = ++last_unit_});
  CheckAlone(process, order.source);
  process.worker->Done(order.source, order.task, Stage::kRunning);
}

void World::Stopped(Process& process, int number) {
  const auto unit = std::find_if(process.units.begin(), process.units.end(),
                                 [&](const Unit& u) { return u.number == number; });
  if (unit == process.units.end()) return;
  process.worker->Done(unit->source, unit->task, Stage::kStopped);
  process.units.erase(unit);
  Wake(process);
}

void World::CheckAlone(const Process& process, const std::string& source) {
  for (const Process& other : processes_) {
    if (other.id == process.id || !other.is_up || other.is_frozen) continue;
    for (const Unit& unit : other.units) {
      if (unit.source != source || unit.is_past_lease) continue;
      Violate(fmt::format("{} and {} both run {}", process.name, other.name, source));
    }
  }
}

}  // namespace godwit::sim
