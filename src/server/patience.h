#pragma once

#include <chrono>
#include <thread>

#include "base/status.h"

namespace godwit::server {

// Calls until the answer is another one than kUnavailable, for some seconds: a server needs a while
// to notice that the connections of a run that has ended are gone.
template <typename Call>
auto WithPatience(Call call) -> decltype(call()) {
  constexpr std::chrono::seconds kPatience(15);
  constexpr std::chrono::milliseconds kPause(200);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    auto answer = call();
    base::Status status;
    if constexpr (std::is_same_v<decltype(answer), base::Status>)
      status = answer;
    else
      status = answer.status();
    if (!absl::IsUnavailable(status) || std::chrono::steady_clock::now() >= deadline) return answer;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace godwit::server
