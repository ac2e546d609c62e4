#include "store/local_watch.h"

#include <algorithm>

namespace godwit::store {
namespace {

constexpr std::chrono::milliseconds kPoll(20);

}  // namespace

base::StatusOr<std::vector<Watch::Change>> LocalWatch::Next(std::chrono::milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  std::unique_lock lock(mutex_);
  while (true) {
    if (is_cancelled_) return base::Cancelled("the watch was cancelled");
    GODWIT_ASSIGN_OR_RETURN(std::vector<Change> changes, TakeChanges());
    const auto now = std::chrono::steady_clock::now();
    if (!changes.empty() || now >= until) return changes;
    changed_.wait_for(lock, std::min<std::chrono::nanoseconds>(until - now, kPoll));
  }
}

void LocalWatch::Cancel() {
  std::lock_guard lock(mutex_);
  is_cancelled_ = true;
  changed_.notify_all();
}

base::Status LocalWatch::AreForgotten(Revision after, Revision forgotten) {
  return base::MakeStatus(base::StatusCode::kOutOfRange,
                          "changes after revision {} are kept only from {} on: read all anew",
                          after, forgotten + 1);
}

}  // namespace godwit::store
