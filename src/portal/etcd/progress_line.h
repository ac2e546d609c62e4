#pragma once

#include <chrono>
#include <string>

#include "base/log.h"

namespace godwit::portal {

// Tells the log what is waited for: when that has changed, and else every half a minute. One
// thread at a time.
class ProgressLine {
 public:
  void Tell(const std::string& text) {
    const auto now = std::chrono::steady_clock::now();
    if (text == last_ && now < told_ + kSilence) return;
    spdlog::info("{}", text);
    last_ = text;
    told_ = now;
  }

 private:
  static constexpr std::chrono::seconds kSilence{30};
  std::string last_;
  std::chrono::steady_clock::time_point told_;
};

}  // namespace godwit::portal
