#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stop_token>

namespace godwit::pipeline {

// Has the lanes of a copy take turns at chunks with rows of 16 MiB and more: between the two
// servers such a row is in memory several times over. Thread-safe.
class LargeRowTurns {
 public:
  explicit LargeRowTurns(size_t memory_limit);

  // Waits for a turn, which has to be given back. False: stopped first.
  bool Take(std::stop_token stop);
  // False: there was none for so long, or stopped first.
  bool TakeWithin(std::chrono::milliseconds longest, std::stop_token stop);
  void GiveBack();

 private:
  std::mutex mutex_;
  std::condition_variable_any given_back_;
  size_t left_;
};

}  // namespace godwit::pipeline
