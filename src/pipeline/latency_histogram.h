#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace godwit::pipeline {

// How often something has taken how long. Thread-safe.
class LatencyHistogram {
 public:
  // Upper bounds in seconds, each included; what takes longer has a bucket of its own.
  static constexpr std::array<double, 12> kBounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                     0.5,   1,    2.5,   5,    10,  30};

  struct Figures {
    std::array<uint64_t, kBounds.size() + 1> counts = {};  // of each bucket alone
    double seconds = 0;                                    // of all together
  };

  void Add(std::chrono::microseconds took) {
    const double seconds = static_cast<double>(took.count()) / 1e6;
    const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
    ++counts_[static_cast<size_t>(bound - kBounds.begin())];
    microseconds_ += std::max<int64_t>(0, took.count());
  }

  Figures Read() const {
    Figures figures;
    for (size_t i = 0; i < counts_.size(); ++i) figures.counts[i] = counts_[i];
    figures.seconds = static_cast<double>(microseconds_) / 1e6;
    return figures;
  }

 private:
  std::array<std::atomic<uint64_t>, kBounds.size() + 1> counts_ = {};
  std::atomic<int64_t> microseconds_{0};
};

}  // namespace godwit::pipeline
