#pragma once

#include "base/status.h"
#include "cluster/master.h"
#include "cluster/operations.h"

namespace godwit::portal {

// The control plane as requests see it. Thread-safe; the master is borrowed.
class Control {
 public:
  explicit Control(cluster::Master& master) : master_(master) {}

  // What `look`, which gives a StatusOr, finds in the view. kUnavailable also: the store has not
  // been read yet, or the master is about to end.
  template <typename Looker>
  auto Find(Looker look) {
    using Found = std::invoke_result_t<Looker, const cluster::View&>;
    auto found = master_.Look([&](const cluster::View& view, bool) -> std::optional<Found> {
      if (view.revision() == 0) return std::nullopt;
      return look(view);
    });
    return found && *found ? **std::move(found) : Found(NotReady());
  }
  // The same of what is always there.
  template <typename Looker>
  auto Look(Looker look) {
    using Seen = base::StatusOr<std::invoke_result_t<Looker, const cluster::View&>>;
    return Find([&](const cluster::View& view) -> Seen { return look(view); });
  }

  struct Leadership {
    bool is_ours = false;
    std::optional<cluster::LeaderRecord> leader;
  };
  base::StatusOr<Leadership> Leader();

  // An operator's request, once it has taken effect and is to be seen by Look.
  base::Status Ask(const cluster::MasterDuties::Operation& operation);

 private:
  static base::Status NotReady();
  bool HasSeen(int64_t operations);

  cluster::Master& master_;
};

}  // namespace godwit::portal
