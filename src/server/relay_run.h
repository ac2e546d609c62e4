#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "connector/relay.h"

namespace godwit::server {

// A relay that takes in its source's log, on a thread of its own, as long as this lives: it
// connects again where the connection is lost, and goes on by itself when a full disk has room
// again. Where it needs the operator it ends, and the source's tasks read on from the server.
class RelayRun {
 public:
  // `tell` is told, on that thread, what keeps it from going on.
  RelayRun(std::shared_ptr<connector::Relay> relay, std::function<void(std::string)> tell);

  // What keeps it from going on, or has lately; empty: nothing yet.
  std::string problem() const;
  // Has it end, without waiting for that; has_finished() then tells when it has. A connection that
  // is just being made takes some seconds.
  void RequestStop() { thread_.request_stop(); }
  bool has_finished() const { return has_finished_; }
  // Whether it has ended by itself: the operator is needed.
  bool has_ended() const { return has_ended_; }

 private:
  void Tell(std::string what);
  void Run(const std::stop_token& stop);

  const std::shared_ptr<connector::Relay> relay_;
  const std::function<void(std::string)> tell_;
  mutable std::mutex mutex_;
  std::string problem_;
  std::atomic<bool> has_ended_ = false, has_finished_ = false;
  std::jthread thread_;
};

}  // namespace godwit::server
