#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "cluster/request.h"

namespace godwit::cluster {

// Threads that perform requests. Thread-safe.
class Performer {
 public:
  using Answered = std::function<void(const Request&, const Answer&)>;

  // `store` is borrowed; `answered` is called on a thread of its own for each request.
  Performer(store::Store& store, int threads, Answered answered);
  // Waits for the requests that are under way; those that are not begun are dropped.
  ~Performer();

  void Perform(Request request);

 private:
  void Work(const std::stop_token& stop);

  store::Store& store_;
  const Answered answered_;
  std::mutex mutex_;
  std::condition_variable_any wanted_;
  std::deque<Request> requests_;
  std::vector<std::jthread> threads_;
};

}  // namespace godwit::cluster
