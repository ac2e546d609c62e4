#include "pipeline/held_bytes.h"

namespace godwit::pipeline {

std::shared_ptr<const model::ChangeBatch> HeldBytes::Count(
    std::unique_ptr<model::ChangeBatch> batch) {
  const size_t bytes = batch->bytes;
  {
    std::lock_guard lock(mutex_);
    held_ += bytes;
  }
  return {batch.release(), [this, bytes](const model::ChangeBatch* counted) {
            delete counted;
            Release(bytes);
          }};
}

void HeldBytes::Release(size_t bytes) {
  std::lock_guard lock(mutex_);
  held_ -= bytes;
  released_.notify_all();
}

void HeldBytes::WaitBelow(size_t bytes, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  released_.wait(lock, stop, [&] { return held_ < bytes; });
}

size_t HeldBytes::held() {
  std::lock_guard lock(mutex_);
  return held_;
}

}  // namespace godwit::pipeline
