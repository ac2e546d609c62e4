#include "connectors/mysql/connection/byte_stream.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace godwit::connectors::mysql {
namespace {

// False: nothing came for `milliseconds`; -1: as long as it takes.
bool Await(int socket, short events, int milliseconds = -1) {
  pollfd poll_fd{socket, events, 0};
  return ::poll(&poll_fd, 1, milliseconds) != 0;
}

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK; }

// A socket that does not block, for as long as this lives.
class NonBlocking {
 public:
  explicit NonBlocking(int socket) : socket_(socket), flags_(::fcntl(socket, F_GETFL)) {
    ::fcntl(socket_, F_SETFL, flags_ | O_NONBLOCK);
  }
  NonBlocking(const NonBlocking&) = delete;
  NonBlocking& operator=(const NonBlocking&) = delete;
  ~NonBlocking() { ::fcntl(socket_, F_SETFL, flags_); }

 private:
  const int socket_;
  const int flags_;
};

int AsInt(size_t size) { return static_cast<int>(std::min<size_t>(size, INT_MAX)); }

}  // namespace

ByteStream::ByteStream(int socket, ssl_st* tls, std::string_view side)
    : socket_(socket), tls_(tls), side_(side) {
  if (tls_ != nullptr) SSL_set_read_ahead(tls_, 1);  // a record in one read, not two
}

base::Status ByteStream::Lost(std::string_view doing) const {
  return base::Unavailable("{}: connection lost while {}: {}", side_, doing,
                           errno == 0 ? "closed by the server" : std::strerror(errno));
}

base::StatusOr<size_t> ByteStream::Read(char* to, size_t size, int milliseconds) {
  return tls_ == nullptr ? ReadPlain(to, size, milliseconds) : ReadTls(to, size, milliseconds);
}

base::StatusOr<size_t> ByteStream::ReadPlain(char* to, size_t size, int milliseconds) {
  while (true) {
    errno = 0;
    const ssize_t got = ::recv(socket_, to, size, MSG_DONTWAIT);
    if (got > 0) return static_cast<size_t>(got);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0 || !WouldBlock()) return Lost("receiving");
    if (!Await(socket_, POLLIN, milliseconds)) return Silent(milliseconds);
  }
}

base::StatusOr<size_t> ByteStream::ReadTls(char* to, size_t size, int milliseconds) {
  // Where the socket blocks, a record that does not come whole would keep SSL_read.
  if (milliseconds >= 0 && milliseconds != receive_timeout_) {
    const timeval timeout{milliseconds / 1000, milliseconds % 1000 * 1000};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    receive_timeout_ = milliseconds;
  }
  while (true) {
    errno = 0;
    ERR_clear_error();
    const int got = SSL_read(tls_, to, AsInt(size));
    if (got > 0) return ReadMoreTls(to, static_cast<size_t>(got), size);
    GODWIT_RETURN_IF_ERROR(WaitForTls(got, "receiving", milliseconds));
  }
}

// What has come already after the first `read` bytes: one call gives a record of 16 KiB at most.
size_t ByteStream::ReadMoreTls(char* to, size_t read, size_t size) {
  const auto more = [&] {
    return read < size && (SSL_has_pending(tls_) != 0 || Await(socket_, POLLIN, 0));
  };
  if (!more()) return read;
  const NonBlocking not_blocking(socket_);  // a record may have come in part
  do {
    ERR_clear_error();
    const int got = SSL_read(tls_, to + read, AsInt(size - read));
    if (got <= 0) break;  // the next call meets it again
    read += static_cast<size_t>(got);
  } while (more());
  return read;
}

base::Status ByteStream::WaitForTls(int result, std::string_view doing, int milliseconds) {
  switch (SSL_get_error(tls_, result)) {
    case SSL_ERROR_WANT_READ:
      return Await(socket_, POLLIN, milliseconds) ? base::OkStatus() : Silent(milliseconds);
    case SSL_ERROR_WANT_WRITE:
      Await(socket_, POLLOUT);
      return base::OkStatus();
    case SSL_ERROR_SYSCALL:
      return errno == EINTR ? base::OkStatus() : Lost(doing);
    case SSL_ERROR_ZERO_RETURN:
      errno = 0;
      return Lost(doing);
    default:
      break;
  }
  const char* reason = ERR_reason_error_string(ERR_get_error());
  return base::Unavailable("{}: connection lost while {}: TLS: {}", side_, doing,
                           reason == nullptr ? "protocol error" : reason);
}

base::Status ByteStream::Write(std::string_view head, std::string_view body) {
  if (tls_ == nullptr) return WritePlain(head, body);
  GODWIT_RETURN_IF_ERROR(WriteTls(head));
  return WriteTls(body);
}

base::Status ByteStream::WriteTls(std::string_view bytes) {
  while (!bytes.empty()) {
    errno = 0;
    ERR_clear_error();
    const int sent = SSL_write(tls_, bytes.data(), AsInt(bytes.size()));
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else {
      GODWIT_RETURN_IF_ERROR(WaitForTls(sent, "sending", -1));
    }
  }
  return base::OkStatus();
}

base::Status ByteStream::WritePlain(std::string_view head, std::string_view body) {
  iovec pieces[2] = {{const_cast<char*>(head.data()), head.size()},
                     {const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = 2;
  size_t left = head.size() + body.size();
  while (left > 0) {
    const ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && WouldBlock()) {
      Await(socket_, POLLOUT);
      continue;
    }
    if (sent <= 0) return Lost("sending");
    left -= static_cast<size_t>(sent);
    for (size_t skip = static_cast<size_t>(sent); skip > 0;) {
      const size_t part = std::min(skip, message.msg_iov->iov_len);
      message.msg_iov->iov_base = static_cast<char*>(message.msg_iov->iov_base) + part;
      message.msg_iov->iov_len -= part;
      skip -= part;
      if (message.msg_iov->iov_len == 0 && message.msg_iovlen > 1)
        ++message.msg_iov, --message.msg_iovlen;
    }
  }
  return base::OkStatus();
}

base::Status ByteStream::Silent(int milliseconds) const {
  return base::Unavailable("{}: the server stopped in the midst of a packet, {} s ago", side_,
                           milliseconds / 1000.0);
}

base::StatusOr<bool> ByteStream::WaitReadable(int milliseconds) {
  if (tls_ != nullptr && SSL_has_pending(tls_) != 0) return true;
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + std::chrono::milliseconds(milliseconds);
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
    pollfd poll_fd{socket_, POLLIN, 0};
    const int ready = ::poll(&poll_fd, 1, std::max(static_cast<int>(left.count()), 0));
    if (ready >= 0) return ready > 0;
    if (errno != EINTR) return Lost("waiting");
  }
}

}  // namespace godwit::connectors::mysql
