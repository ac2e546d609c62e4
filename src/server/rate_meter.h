#pragma once

#include <deque>
#include <utility>

namespace godwit::server {

// How fast a growing number has grown lately. Not thread-safe.
class RateMeter {
 public:
  // `window`: seconds that count as lately.
  explicit RateMeter(double window) : window_(window) {}

  // The number at a time, in seconds; times do not go back. A number that has become smaller begins
  // anew.
  void Add(double time, double number) {
    if (!samples_.empty() && number < samples_.back().second) samples_.clear();
    samples_.emplace_back(time, number);
    while (samples_.size() > 2 && samples_[1].first <= time - window_) samples_.pop_front();
  }

  // Per second; 0 while not known.
  double Rate() const {
    if (samples_.size() < 2) return 0;
    const double time = samples_.back().first - samples_.front().first;
    return time > 0 ? (samples_.back().second - samples_.front().second) / time : 0;
  }

 private:
  double window_;
  std::deque<std::pair<double, double>> samples_;
};

}  // namespace godwit::server
