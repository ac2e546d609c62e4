#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>

#include "model/change.h"

namespace godwit::pipeline {

// What the batches between the reading and the end of the writing take, in bytes, so that the
// reading waits where it would be too much. Thread-safe; outlives the batches that it counts.
class HeldBytes {
 public:
  // The batch, counted until its last holder lets go of it.
  std::shared_ptr<const model::ChangeBatch> Count(std::unique_ptr<model::ChangeBatch> batch);

  // Waits until less than `bytes` is held, or until stopped.
  void WaitBelow(size_t bytes, std::stop_token stop);

  size_t held();

 private:
  void Release(size_t bytes);

  std::mutex mutex_;
  std::condition_variable_any released_;
  size_t held_ = 0;
};

}  // namespace godwit::pipeline
