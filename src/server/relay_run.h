#pragma once

#include <functional>
#include <memory>
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

 private:
  void Run(const std::stop_token& stop);

  const std::shared_ptr<connector::Relay> relay_;
  const std::function<void(std::string)> tell_;
  std::jthread thread_;
};

}  // namespace godwit::server
