#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

// How a run takes a task over from an earlier one that may be frozen, or cut off, in the midst of
// anything (docs/cluster.md). Each connection that the earlier one writes to the target with has
// been marked as the task's before it asked whether its epoch holds. So whatever can still write
// when the epoch is raised is among those that are marked, and is ended here; what comes later
// finds that the epoch is another.
namespace godwit::connector {

// The task's connections that are still there, but for the caller's own.
struct OtherConnections {
  std::vector<std::string> ids;  // as the target calls them
  std::string refused;  // why the target would not end one of them; empty: it has been told
};

struct TakeOverSteps {
  // Tells the target to end them.
  std::function<base::StatusOr<OtherConnections>()> end_others;
  // Raises the epoch. kAborted: somebody else is in the way.
  std::function<base::Status()> raise_epoch;
};

// OK: the epoch is raised, and nothing of before is at work any more. kUnavailable: it may be, and
// the target has been told to end it; to be tried again.
base::Status TakeOver(std::string_view task, const TakeOverSteps& steps);

// That a run with a greater generation has claimed the task: `kept`.
base::Status LaterWorker(std::string_view task, uint64_t kept, uint64_t generation);

}  // namespace godwit::connector
