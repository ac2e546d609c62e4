#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace godwit::server {

// Bounds the time that a run takes to stop: when it has been asked to for `patience` and this still
// lives, its connections are to be given up, as a server that answers nothing keeps it for ever.
class StopLimit {
 public:
  static constexpr std::chrono::seconds kPatience{20};

  explicit StopLimit(const std::stop_token& stop, std::chrono::milliseconds patience = kPatience);

  // Asked for then (config::Endpoint::give_up).
  std::stop_token give_up() const { return give_up_.get_token(); }

 private:
  void Wait(const std::stop_token& stop, std::chrono::milliseconds patience,
            const std::stop_token& over);

  std::stop_source give_up_;
  std::mutex mutex_;
  std::condition_variable_any stopping_;
  std::stop_callback<std::function<void()>> wake_;
  std::jthread thread_;
};

}  // namespace godwit::server
