#include "portal/control.h"

#include <atomic>
#include <thread>

namespace godwit::portal {
namespace {

constexpr std::chrono::milliseconds kPause(2);
constexpr std::chrono::seconds kPatience(3);

}  // namespace

base::Status Control::NotReady() {
  return base::Unavailable(
      "this master has not read the store yet, or is about to end: ask again, or another master");
}

base::StatusOr<Control::Leadership> Control::Leader() {
  auto seen = master_.Look([](const cluster::View& view, bool leads) {
    Leadership leadership{.is_ours = leads};
    if (view.leader()) leadership.leader = view.leader()->record;
    return std::pair(leadership, view.revision() > 0);
  });
  if (!seen || !seen->second) return NotReady();
  return seen->first;
}

bool Control::HasSeen(int64_t operations) {
  const auto seen = Look([&](const cluster::View& view) {
    return view.operations() && view.operations()->record.count >= operations;
  });
  return !seen.ok() || *seen;
}

base::Status Control::Ask(const cluster::MasterDuties::Operation& operation) {
  // It is decided anew when what it went by has changed meanwhile: the last time counts.
  const auto count = std::make_shared<std::atomic<int64_t>>(0);
  const base::Status status =
      master_.Ask([=](const cluster::View& view, store::Revision leadership) -> cluster::Wanted {
        *count = (view.operations() ? view.operations()->record.count : 0) + 1;
        return operation(view, leadership);
      });
  if (absl::IsFailedPrecondition(status)) {
    const auto leadership = Leader();
    if (leadership.ok() && !leadership->is_ours) {
      return base::Unavailable("{}", std::string(status.message()));
    }
  }
  if (!status.ok()) return status;
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!HasSeen(*count) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kPause);
  }
  return status;
}

}  // namespace godwit::portal
