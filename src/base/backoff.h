#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace godwit::base {

// Waiting times for retries: doubling from `first` to `most`, until `give_up_after` has passed
// since the first failure in a row. Not thread-safe.
class Backoff {
 public:
  using Clock = std::chrono::steady_clock;
  using Millis = std::chrono::milliseconds;

  explicit Backoff(Millis give_up_after, Millis first = Millis(100), Millis most = Millis(10'000))
      : give_up_after_(give_up_after), first_(first), most_(most), next_(first) {}

  // How long to wait before the next try; nothing when it is time to give up.
  std::optional<Millis> Next(Clock::time_point now = Clock::now()) {
    if (!failing_since_) failing_since_ = now;
    if (now - *failing_since_ >= give_up_after_) return std::nullopt;
    Millis wait = next_;
    next_ = std::min(next_ * 2, most_);
    return wait;
  }
  void Succeeded() {
    failing_since_.reset();
    next_ = first_;
  }

 private:
  Millis give_up_after_, first_, most_, next_;
  std::optional<Clock::time_point> failing_since_;
};

}  // namespace godwit::base
