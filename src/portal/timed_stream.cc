#include "portal/timed_stream.h"

#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace godwit::portal {
namespace {

constexpr size_t kBufferBytes = 4096;
constexpr std::chrono::milliseconds kLook(200);  // whether it is crowded, or over

void Address(const sockaddr_storage& address, socklen_t length, std::string& ip, int& port) {
  char host[NI_MAXHOST] = "", service[NI_MAXSERV] = "";
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, host, sizeof host, service,
                  sizeof service, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return;
  }
  ip = host;
  port = std::atoi(service);
}

}  // namespace

TimedStream::TimedStream(int socket, const Patience& patience, std::function<bool()> is_crowded,
                         std::function<bool()> is_over)
    : socket_(socket),
      patience_(patience),
      is_crowded_(std::move(is_crowded)),
      is_over_(std::move(is_over)),
      begun_(Clock::now()),
      buffer_(kBufferBytes) {
  fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
}

TimedStream::~TimedStream() {
  if (tls_ == nullptr) return;
  SSL_shutdown(tls_);  // without waiting for the client's
  SSL_free(tls_);
}

bool TimedStream::Wait(short events, const Limit& limit) const {
  while (!is_over_()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit() - Clock::now());
    if (left.count() <= 0) return false;
    pollfd waiting{socket_, events, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::min(left, kLook).count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

bool TimedStream::WaitForTls(int result, const Limit& limit) const {
  switch (SSL_get_error(tls_, result)) {
    case SSL_ERROR_WANT_READ:
      return Wait(POLLIN, limit);
    case SSL_ERROR_WANT_WRITE:
      return Wait(POLLOUT, limit);
    default:
      return false;
  }
}

TimedStream::Limit TimedStream::RequestLimit() const {
  return
      [this] { return begun_ + (is_crowded_() ? patience_.crowded_request : patience_.request); };
}

bool TimedStream::StartTls(SSL_CTX* context) {
  tls_ = SSL_new(context);
  if (tls_ == nullptr || SSL_set_fd(tls_, socket_) != 1) return false;
  SSL_set_mode(tls_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  while (true) {
    ERR_clear_error();  // of other connections of this thread
    const int accepted = SSL_accept(tls_);
    if (accepted == 1) return true;
    if (!WaitForTls(accepted, RequestLimit())) return false;
  }
}

bool TimedStream::AwaitRequest() {
  const Clock::time_point from = Clock::now();
  if (at_ == end_) {
    const bool is_first = std::exchange(is_first_, false);
    const ssize_t filled = Fill([&] {
      return from + (!is_first && is_crowded_() ? patience_.crowded_idle : patience_.idle);
    });
    if (filled <= 0) return false;
  }
  begun_ = Clock::now();
  return true;
}

bool TimedStream::is_readable() const { return at_ < end_ || Wait(POLLIN, RequestLimit()); }

bool TimedStream::is_writable() const {
  pollfd gone{socket_, POLLRDHUP, 0};
  return poll(&gone, 1, 0) == 0;
}

ssize_t TimedStream::Fill(const Limit& limit) {
  at_ = end_ = 0;
  while (true) {
    ssize_t got = 0;
    if (tls_ == nullptr) {
      got = recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
      const bool may_come = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
      if (may_come && Wait(POLLIN, limit)) continue;
    } else {
      ERR_clear_error();
      const int read = SSL_read(tls_, buffer_.data(), static_cast<int>(buffer_.size()));
      if (read <= 0 && WaitForTls(read, limit)) continue;
      got = read;
    }
    if (got > 0) end_ = static_cast<size_t>(got);
    return got;
  }
}

ssize_t TimedStream::read(char* bytes, size_t size) {
  // Also of what is in the socket already: a client that is slow and steady has no more time.
  const Limit limit = RequestLimit();
  if (at_ == end_) {
    if (Clock::now() >= limit()) return -1;
    if (const ssize_t filled = Fill(limit); filled <= 0) return filled;
  }
  const size_t taken = std::min(size, end_ - at_);
  std::memcpy(bytes, buffer_.data() + at_, taken);
  at_ += taken;
  return static_cast<ssize_t>(taken);
}

ssize_t TimedStream::write(const char* bytes, size_t size) {
  const Clock::time_point until = Clock::now() + patience_.answer;
  const Limit limit = [&] { return until; };
  size_t written = 0;
  while (written < size) {
    if (tls_ == nullptr) {
      const ssize_t put =
          send(socket_, bytes + written, size - written, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (put > 0) written += static_cast<size_t>(put);
      const bool has_room = put >= 0 || errno == EINTR;
      if (!has_room && errno != EAGAIN && errno != EWOULDBLOCK) return -1;
      if (!has_room && !Wait(POLLOUT, limit)) return -1;
    } else {
      ERR_clear_error();
      const int put = SSL_write(tls_, bytes + written,
                                static_cast<int>(std::min<size_t>(size - written, 1 << 20)));
      if (put > 0) written += static_cast<size_t>(put);
      if (put <= 0 && !WaitForTls(put, limit)) return -1;
    }
  }
  return static_cast<ssize_t>(size);
}

void TimedStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0)
    Address(address, length, ip, port);
}

void TimedStream::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0)
    Address(address, length, ip, port);
}

}  // namespace godwit::portal
