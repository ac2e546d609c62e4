#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

namespace godwit::cli {

// Turns the first SIGINT or SIGTERM into a stop request and leaves the second to end the process at
// once, which does no harm either: the target keeps what was committed. To be made before any other
// thread, so that all inherit that these signals are blocked; one at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

 private:
  // `waited`: the two, and SIGRTMIN, by which the destructor ends the wait.
  void Wait(const std::stop_token& end, sigset_t waited);

  sigset_t before_;
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace godwit::cli
