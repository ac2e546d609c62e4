#pragma once

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace godwit::portal {

// How long clients may take. When all threads are at work, others wait for those that are slow:
// then they get less.
struct Patience {
  std::chrono::milliseconds request{10'000};         // all of a request, from its first byte on
  std::chrono::milliseconds crowded_request{2'000};  // the same, while all threads are at work
  std::chrono::milliseconds idle{2'000};             // between two requests, or before the first
  std::chrono::milliseconds crowded_idle{100};       // between two, while all threads are at work
  std::chrono::milliseconds answer{30'000};          // to take a piece of the answer
};

// A connection of a client, plain or TLS, each request of which has to come within its time as a
// whole, however the client spreads it: the library's own limits are of each read, so that a byte
// now and then would hold a thread for ever. One thread.
class TimedStream : public httplib::Stream {
 public:
  // The socket is borrowed, and made non-blocking. `is_crowded` and `is_over` (the server stops)
  // are asked a few times a second while it waits.
  TimedStream(int socket, const Patience& patience, std::function<bool()> is_crowded,
              std::function<bool()> is_over);
  ~TimedStream() override;

  // Has the client prove itself, or not, as the context says. False: it did not in time.
  bool StartTls(SSL_CTX* context);
  // Waits for the first byte of a request, whose time begins. False: none came.
  bool AwaitRequest();

  bool is_readable() const override;
  bool is_writable() const override;  // the client is still there
  ssize_t read(char* bytes, size_t size) override;
  ssize_t write(const char* bytes, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Limit = std::function<Clock::time_point()>;

  // Until the socket is ready for `events`, `limit` has come, or it is over.
  bool Wait(short events, const Limit& limit) const;
  // After an operation of TLS that has given `result`: whether to try it again.
  bool WaitForTls(int result, const Limit& limit) const;
  // More into the buffer; 0 at the end, less than 0 when it failed or took too long.
  ssize_t Fill(const Limit& limit);
  Limit RequestLimit() const;

  const int socket_;
  const Patience patience_;
  const std::function<bool()> is_crowded_, is_over_;
  SSL* tls_ = nullptr;
  Clock::time_point begun_;  // of the request
  bool is_first_ = true;
  std::vector<char> buffer_;
  size_t at_ = 0, end_ = 0;  // of the buffer
};

}  // namespace godwit::portal
