#include "connector/take_over.h"

#include <chrono>
#include <thread>

#include "connector/check_list.h"

namespace godwit::connector {
namespace {

using std::chrono::steady_clock;

// Then the run says what it waits for, and can be stopped.
constexpr std::chrono::seconds kPatience(2);
constexpr std::chrono::milliseconds kPause(10);

base::Status StillThere(std::string_view task, const OtherConnections& others) {
  return base::Unavailable(
      "target: connections of an earlier worker on task {} are still there, though the target {}: "
      "{}",
      task,
      others.refused.empty() ? "has been told to end them"
                             : fmt::format("was to end them ({})", others.refused),
      Enumerate(others.ids));
}

}  // namespace

base::Status TakeOver(std::string_view task, const TakeOverSteps& steps) {
  const auto until = steady_clock::now() + kPatience;
  for (bool raised = false;;) {
    GODWIT_ASSIGN_OR_RETURN(const OtherConnections others, steps.end_others());
    base::Status in_the_way = StillThere(task, others);
    if (others.ids.empty()) {
      if (raised) return base::OkStatus();
      in_the_way = steps.raise_epoch();
      // One may have come in between, and asked for the epoch that was.
      raised = in_the_way.ok();
      if (raised) continue;
      if (!absl::IsAborted(in_the_way)) return in_the_way;
    }
    if (steady_clock::now() > until)
      return base::Unavailable("{}", std::string(in_the_way.message()));
    std::this_thread::sleep_for(kPause);
  }
}

base::Status LaterWorker(std::string_view task, uint64_t kept, uint64_t generation) {
  return base::FailedPrecondition(
      "task {}: a later worker has taken it over (its generation on the target is {}, and this "
      "one's {}); this one has stopped, and cannot write any more. `godwit status` shows where the "
      "task stands",
      task, kept, generation);
}

}  // namespace godwit::connector
