#pragma once

#include <chrono>
#include <functional>

namespace godwit::base {

// The time that passes, where a test or a simulation says how it does.
using Clock = std::function<std::chrono::steady_clock::time_point()>;

}  // namespace godwit::base
