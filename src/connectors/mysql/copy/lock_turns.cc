#include "connectors/mysql/copy/lock_turns.h"

#include <algorithm>

namespace godwit::connectors::mysql {

base::Status LockTurns::Take(const std::function<bool()>& cancelled,
                             const std::function<Outcome()>& lock) {
  {
    std::unique_lock held(mutex_);
    while (!cancelled() && (taken_ || std::chrono::steady_clock::now() < next_)) {
      if (taken_)
        changed_.wait(held);
      else
        changed_.wait_until(held, next_);
    }
    if (cancelled()) return base::Cancelled("source: reading was cancelled");
    taken_ = true;
  }
  const Outcome outcome = lock();
  const std::lock_guard held(mutex_);
  taken_ = false;
  pause_ =
      outcome == Outcome::kDone ? Millis(0) : std::clamp(pause_ * 2, first_pause_, longest_pause_);
  next_ = std::chrono::steady_clock::now() + pause_;
  changed_.notify_all();
  return base::OkStatus();
}

void LockTurns::Wake() {
  const std::lock_guard held(mutex_);
  changed_.notify_all();
}

}  // namespace godwit::connectors::mysql
