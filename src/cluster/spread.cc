#include "cluster/spread.h"

namespace godwit::cluster {

const View::Worker* Spread::TakeLeastLoaded() {
  if (next_ != view_.free_workers().end() && (again_.empty() || *next_ < *again_.begin())) {
    again_.insert(*next_++);
  }
  if (again_.empty()) return nullptr;
  const auto least = again_.extract(again_.begin()).value();
  const View::Worker& worker = *view_.FindWorker(least.second);
  if (least.first + 1 < worker.record->record.slots) again_.emplace(least.first + 1, worker.name);
  ++more_[worker.name];
  return &worker;
}

bool Spread::HasRoom(const View::Worker& worker) const {
  if (!worker.IsAlive()) return false;
  const auto more = more_.find(worker.name);
  return worker.Load() + (more == more_.end() ? 0 : more->second) <= worker.record->record.slots;
}

}  // namespace godwit::cluster
