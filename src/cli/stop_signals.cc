#include "cli/stop_signals.h"

namespace godwit::cli {

StopSignals::StopSignals() {
  sigset_t waited;
  sigemptyset(&waited);
  for (const int number : {SIGINT, SIGTERM, SIGRTMIN}) sigaddset(&waited, number);
  pthread_sigmask(SIG_BLOCK, &waited, &before_);
  thread_ = std::jthread([this, waited](const std::stop_token& end) { Wait(end, waited); });
}

StopSignals::~StopSignals() {
  thread_.request_stop();
  pthread_kill(thread_.native_handle(), SIGRTMIN);
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void StopSignals::Wait(const std::stop_token& end, sigset_t waited) {
  while (!end.stop_requested()) {
    const int received = sigwaitinfo(&waited, nullptr);
    if (received < 0 || received == SIGRTMIN || !stop_.request_stop()) continue;
    // What comes at the same time is meant as the same: `timeout` signals a command and its group.
    sigset_t same = waited;
    sigdelset(&same, SIGRTMIN);
    constexpr timespec kSameTime{.tv_sec = 0, .tv_nsec = 100'000'000};
    while (sigtimedwait(&same, nullptr, &kSameTime) > 0) continue;
    // This thread is now the only one that does not block them, so that the next one ends the
    // process by its default action.
    sigset_t ending;
    sigemptyset(&ending);
    for (const int number : {SIGINT, SIGTERM}) {
      signal(number, SIG_DFL);
      sigaddset(&ending, number);
      sigdelset(&waited, number);
    }
    pthread_sigmask(SIG_UNBLOCK, &ending, nullptr);
  }
}

}  // namespace godwit::cli
