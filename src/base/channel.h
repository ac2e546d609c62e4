#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace godwit::base {

// A bounded queue between two threads. Each item has a cost in bytes; Push waits while the queue is
// over its budget (one item always fits, however large). Closing wakes both sides: what is in the
// queue can still be popped, nothing more can be pushed. Thread-safe.
template <typename T>
class Channel {
 public:
  explicit Channel(size_t budget_bytes) : budget_(budget_bytes) {}

  // False when the channel was closed; the item is then dropped.
  bool Push(T item, size_t cost) {
    std::unique_lock lock(mutex_);
    can_push_.wait(lock, [&] { return closed_ || items_.empty() || used_ + cost <= budget_; });
    if (closed_) return false;
    used_ += cost;
    items_.emplace_back(std::move(item), cost);
    can_pop_.notify_one();
    return true;
  }

  // Nothing when the channel is closed and empty.
  std::optional<T> Pop() {
    std::unique_lock lock(mutex_);
    if (items_.empty()) {
      wanted_ = true;
      can_push_.notify_all();
      can_pop_.wait(lock, [&] { return closed_ || !items_.empty(); });
      wanted_ = false;
    }
    return TakeLocked();
  }

  // Waits until all has been popped and Pop is called once more, so that whoever pops is done with
  // it. False when the channel was closed.
  bool AwaitDone() {
    std::unique_lock lock(mutex_);
    can_push_.wait(lock, [&] { return closed_ || (wanted_ && items_.empty()); });
    return !closed_;
  }

  // Nothing also when `wait` has passed without an item, or Wake was called; closed() tells.
  template <typename Duration>
  std::optional<T> PopFor(Duration wait) {
    std::unique_lock lock(mutex_);
    can_pop_.wait_for(lock, wait, [&] { return closed_ || woken_ || !items_.empty(); });
    woken_ = false;
    return TakeLocked();
  }

  // Ends the PopFor that waits, or the next one at once: its thread has something else to look at.
  void Wake() {
    std::lock_guard lock(mutex_);
    woken_ = true;
    can_pop_.notify_all();
  }

  void Close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    can_push_.notify_all();
    can_pop_.notify_all();
  }

  bool closed() const {
    std::lock_guard lock(mutex_);
    return closed_ && items_.empty();
  }
  bool empty() const {
    std::lock_guard lock(mutex_);
    return items_.empty();
  }
  size_t used_bytes() const {
    std::lock_guard lock(mutex_);
    return used_;
  }

 private:
  std::optional<T> TakeLocked() {
    if (items_.empty()) return std::nullopt;
    auto [item, cost] = std::move(items_.front());
    items_.pop_front();
    used_ -= cost;
    can_push_.notify_one();
    return std::optional<T>(std::move(item));
  }

  const size_t budget_;
  mutable std::mutex mutex_;
  std::condition_variable can_push_, can_pop_;
  std::deque<std::pair<T, size_t>> items_;
  size_t used_ = 0;
  bool closed_ = false;
  bool woken_ = false;
  bool wanted_ = false;  // a Pop waits
};

}  // namespace godwit::base
