#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "base/backoff.h"
#include "base/status.h"
#include "verify/verifier.h"

namespace godwit::verify {

// Waits; false as soon as `stop` is asked for.
bool SleepFor(std::chrono::milliseconds time, const std::stop_token& stop);

inline const base::Status& StatusOf(const base::Status& status) { return status; }
template <typename T>
const base::Status& StatusOf(const base::StatusOr<T>& result) {
  return result.status();
}

// Calls until the result is something other than kUnavailable, or has been that for `retry_for`.
template <typename Call>
auto CallPatiently(std::chrono::milliseconds retry_for, const std::stop_token& stop,
                   LastTrouble& trouble, Call call) -> decltype(call()) {
  base::Backoff backoff(retry_for);
  while (true) {
    auto result = call();
    if (!absl::IsUnavailable(StatusOf(result))) return result;
    const std::optional<std::chrono::milliseconds> wait = backoff.Next();
    if (!wait) return result;
    trouble.Set(StatusOf(result));
    if (!SleepFor(*wait, stop)) return base::Cancelled("the comparison was stopped");
  }
}

}  // namespace godwit::verify
