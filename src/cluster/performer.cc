#include "cluster/performer.h"

namespace godwit::cluster {

Performer::Performer(store::Store& store, int threads, Answered answered)
    : store_(store), answered_(std::move(answered)) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { Work(stop); });
  }
}

Performer::~Performer() {
  for (std::jthread& thread : threads_) thread.request_stop();
}

void Performer::Perform(Request request) {
  {
    std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
  }
  wanted_.notify_one();
}

void Performer::Work(const std::stop_token& stop) {
  while (true) {
    Request request;
    {
      std::unique_lock lock(mutex_);
      wanted_.wait(lock, stop, [this] { return !requests_.empty(); });
      if (stop.stop_requested()) return;
      request = std::move(requests_.front());
      requests_.pop_front();
    }
    answered_(request, cluster::Perform(store_, request));
  }
}

}  // namespace godwit::cluster
