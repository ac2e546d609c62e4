#pragma once

#include <pthread.h>

#include <csignal>

namespace godwit::base {

// While one lives, its thread is not ended by writing to what the other side has closed, as OpenSSL
// does to sockets: the write fails.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;
  ~WithoutSigpipe() {
    if (sigismember(&before_, SIGPIPE) != 0) return;
    constexpr timespec kNoTime{};
    while (sigtimedwait(&pipe_, nullptr, &kNoTime) > 0) continue;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_, before_;
};

}  // namespace godwit::base
