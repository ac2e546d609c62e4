#include "cli/stop_signals.h"

#include <ctime>

namespace godwit::cli {

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  thread_ = std::jthread([this](std::stop_token end) { Wait(std::move(end)); });
}

StopSignals::~StopSignals() {
  thread_.request_stop();
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void StopSignals::Wait(std::stop_token end) {
  constexpr timespec kPoll = {0, 100'000'000};
  while (!end.stop_requested()) {
    const int received = sigtimedwait(&signals_, nullptr, &kPoll);
    if (received < 0 || !stop_.request_stop()) continue;
    // This thread is now the only one that does not block them, so that the next one ends the
    // process by its default action.
    for (int number : {SIGINT, SIGTERM}) signal(number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
  }
}

}  // namespace godwit::cli
