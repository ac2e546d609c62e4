#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "base/status.h"

namespace godwit::connectors::mysql {

// Has the readers of one source take its locks against writers in turns. Such a lock waits for
// others, and whoever writes waits behind it: so no second one is asked for meanwhile, and where
// one was not had in time there is a pause, which doubles with each failure in a row. Thread-safe.
class LockTurns {
 public:
  using Millis = std::chrono::milliseconds;
  explicit LockTurns(Millis first_pause = std::chrono::seconds(2),
                     Millis longest_pause = std::chrono::seconds(30))
      : first_pause_(first_pause), longest_pause_(longest_pause) {}

  enum class Outcome { kDone, kInVain };
  // Waits for the turn and runs `lock`. kCancelled: `cancelled` said so first; who makes it say so
  // has to Wake() those that wait.
  base::Status Take(const std::function<bool()>& cancelled, const std::function<Outcome()>& lock);
  void Wake();

 private:
  const Millis first_pause_, longest_pause_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // All under mutex_.
  bool taken_ = false;
  Millis pause_{0};  // after the last failure in a row
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace godwit::connectors::mysql
