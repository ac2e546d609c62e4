#include "server/stop_limit.h"

namespace godwit::server {

StopLimit::StopLimit(const std::stop_token& stop, std::chrono::milliseconds patience)
    : wake_(stop,
            [this] {
              // Not between the thread's look at the token and its wait.
              { std::lock_guard lock(mutex_); }
              stopping_.notify_all();
            }),
      thread_([=, this](const std::stop_token& over) { Wait(stop, patience, over); }) {}

void StopLimit::Wait(const std::stop_token& stop, std::chrono::milliseconds patience,
                     const std::stop_token& over) {
  std::unique_lock lock(mutex_);
  if (!stopping_.wait(lock, over, [&] { return stop.stop_requested(); })) return;
  stopping_.wait_for(lock, over, patience, [] { return false; });
  lock.unlock();
  if (!over.stop_requested()) give_up_.request_stop();
}

}  // namespace godwit::server
