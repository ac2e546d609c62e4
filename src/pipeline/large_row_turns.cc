#include "pipeline/large_row_turns.h"

#include <algorithm>
#include <utility>

namespace godwit::pipeline {
namespace {

// For one lane: what rows of 64 MiB take, whatever their types and servers.
constexpr size_t kTurnBytes = size_t{512} * 1024 * 1024;

}  // namespace

LargeRowTurns::LargeRowTurns(size_t memory_limit)
    : left_(std::max<size_t>(memory_limit / kTurnBytes, 1)) {}

bool LargeRowTurns::Take(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  if (!given_back_.wait(lock, std::move(stop), [this] { return left_ > 0; })) return false;
  --left_;
  return true;
}

bool LargeRowTurns::TakeWithin(std::chrono::milliseconds longest, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  if (!given_back_.wait_for(lock, std::move(stop), longest, [this] { return left_ > 0; }))
    return false;
  --left_;
  return true;
}

void LargeRowTurns::GiveBack() {
  std::lock_guard lock(mutex_);
  ++left_;
  given_back_.notify_one();
}

}  // namespace godwit::pipeline
