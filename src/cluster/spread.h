#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "cluster/view.h"

namespace godwit::cluster {

// The workers' slots, as they become while the scheduler gives out one source after the other.
// Costs what is given out, not what there is. The view must outlive it, unchanged.
class Spread {
 public:
  explicit Spread(const View& view) : view_(view), next_(view.free_workers().begin()) {}

  // A slot of the living worker that has the least, the first by name among equals; null when
  // none is free.
  const View::Worker* TakeLeastLoaded();
  // Whether a living worker has room for what its load counts already.
  bool HasRoom(const View::Worker& worker) const;
  // One less for it, of what its load counts.
  void Leave(const View::Worker& worker) { --more_[worker.name]; }

 private:
  const View& view_;
  std::set<std::pair<int, std::string>>::const_iterator next_;  // those before it are in `again_`
  std::set<std::pair<int, std::string>> again_;                 // by the load that they have by now
  std::map<std::string, int> more_;
};

}  // namespace godwit::cluster
