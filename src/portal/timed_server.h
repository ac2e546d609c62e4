#pragma once

#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <utility>

#include "portal/timed_stream.h"

namespace godwit::portal {

// The library's server, plain or TLS (`Base`), with connections that are held to their time
// (TimedStream). `threads`: how many it has.
template <typename Base>
class TimedServer : public Base {
 public:
  template <typename... Arguments>
  TimedServer(const Patience& patience, size_t threads, Arguments&&... arguments)
      : Base(std::forward<Arguments>(arguments)...), patience_(patience), threads_(threads) {}

 private:
  // On a thread of the pool.
  bool process_and_close_socket(socket_t socket) override {
    ++busy_;
    const bool served = Serve(socket);
    --busy_;
    shutdown(socket, SHUT_RDWR);
    close(socket);
    return served;
  }

  bool Serve(socket_t socket) {
    TimedStream stream(
        socket, patience_, [this] { return busy_ >= threads_; },
        [this] { return this->svr_sock_ == INVALID_SOCKET; });
    if constexpr (std::is_same_v<Base, httplib::SSLServer>) {
      if (!stream.StartTls(this->ssl_context())) return false;
    }
    for (size_t left = this->keep_alive_max_count_; left > 0; --left) {
      if (!stream.AwaitRequest()) return true;
      bool is_closed = false;
      if (!this->process_request(stream, left == 1, is_closed, nullptr)) return false;
      if (is_closed) return true;
    }
    return true;
  }

  const Patience patience_;
  const size_t threads_;
  std::atomic<size_t> busy_ = 0;
};

}  // namespace godwit::portal
